// Accepts clients, answers one request of each, and shares snapshots between them.
#include "status/status_server.hpp"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <array>
#include <map>
#include <random>
#include <utility>

#include "net/deadline.hpp"
#include "status/routes.hpp"
#include "status/status_listener.hpp"

namespace tunnel::status {

namespace {

using Clock = std::chrono::steady_clock;

// Fresh for each page; 22 characters of 58 are 128 bits.
std::string make_nonce() {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345";
  std::random_device source;
  std::string out;
  for (int i = 0; i < 22; ++i)
    out += letters[std::uniform_int_distribution<std::size_t>(0, letters.size() - 1)(source)];
  return out;
}

constexpr std::string_view too_long =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: "
    "close\r\n\r\n";
constexpr std::string_view no_answer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

From where_from(const net::Socket& socket) {
  net::ErrorCode error;
  const net::Endpoint peer = socket.remote_endpoint(error);
  return !error && peer.address().is_loopback() ? From::this_machine : From::elsewhere;
}

}  // namespace

struct StatusServer::Core : std::enable_shared_from_this<Core> {
  struct Client {
    Client(Core& a_core, net::Socket a_socket, From where)
        : core(a_core),
          from(where),
          id(++core.last_id),
          socket(std::move(a_socket)),
          deadline(core.io.get_executor()),
          snapshot_ready(core.io.get_executor(), net::Timer::time_point::max()) {
      core.clients.emplace(id, this);
    }
    ~Client() { core.clients.erase(id); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void close() {
      net::ErrorCode ignored;
      socket.close(ignored);
      snapshot_ready.cancel();
    }

    Core& core;
    const From from;
    const std::uint64_t id;
    net::Socket socket;
    net::Deadline deadline;
    net::Timer snapshot_ready;
    std::shared_ptr<const Snapshot> snapshot;
  };

  Core(RequestSnapshot request, Limits some_limits)
      : request_snapshot(std::move(request)), limits(some_limits) {}

  net::Awaitable<void> accept(net::Acceptor& acceptor);
  net::Awaitable<void> serve(net::Socket socket, From from);
  net::Awaitable<void> talk(Client& client);
  net::Awaitable<void> get_snapshot(Client& client);
  void on_snapshot(std::shared_ptr<const Snapshot> snapshot);
  const Snapshot* earlier(const Snapshot& now) const;
  bool admits(const net::Socket& socket) const;

  const RequestSnapshot request_snapshot;
  const Limits limits;
  bool local = false;  // it listens on a UNIX socket
  RemoteAccess remote_access;
  std::map<std::uint64_t, Client*> clients;  // the oldest first
  std::uint64_t last_id = 0;
  std::shared_ptr<const Snapshot> last;
  std::shared_ptr<const Snapshot> before;  // for rates
  Clock::time_point last_at;
  bool requested = false;
  // Constructed last and destroyed first: its coroutines use the members above.
  asio::io_context io{1};
  StatusListener listener;
};

net::Awaitable<void> StatusServer::Core::accept(net::Acceptor& acceptor) {
  while (acceptor.is_open()) {
    auto result = co_await acceptor.async_accept(net::as_result);
    auto& [error, socket] = result;
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // most likely out of descriptors, until other connections end
      net::Timer timer(io.get_executor(), std::chrono::milliseconds(100));
      co_await timer.async_wait(net::as_result);
      continue;
    }
    const From from = local ? From::unix_socket : where_from(socket);
    if (from == From::elsewhere && !admits(socket)) {
      net::reset(socket);
      continue;
    }
    // the closed client stays in the map until its coroutine ends
    if (clients.size() >= limits.clients) clients.begin()->second->close();
    asio::co_spawn(io.get_executor(), serve(std::move(socket), from),
                   [](const std::exception_ptr&) {});
  }
}

bool StatusServer::Core::admits(const net::Socket& socket) const {
  net::ErrorCode error;
  const net::Endpoint peer = socket.remote_endpoint(error);
  return !error && remote_access.admits(net::address_of(peer));
}

net::Awaitable<void> StatusServer::Core::serve(net::Socket socket, From from) {
  Client client(*this, std::move(socket), from);
  client.deadline.start(limits.timeout, [&client] { client.close(); });
  co_await talk(client);
}

net::Awaitable<void> StatusServer::Core::talk(Client& client) {
  std::string head;
  std::array<char, 1024> part;
  while (head.find("\r\n\r\n") == head.npos && head.size() <= limits.head) {
    auto got = co_await client.socket.async_read_some(asio::buffer(part), net::as_result);
    if (std::get<0>(got)) co_return;
    head.append(part.data(), std::get<1>(got));
  }
  std::string response;
  if (head.size() > limits.head) {
    response = too_long;
  } else {
    co_await get_snapshot(client);
    if (!client.socket.is_open()) co_return;
    response = client.snapshot == nullptr
                   ? std::string(no_answer)
                   : respond(head, [&](const Request& request) {
                       return answer(request, *client.snapshot, earlier(*client.snapshot),
                                     client.from, remote_access, make_nonce());
                     });
  }
  auto sent = co_await asio::async_write(client.socket, asio::buffer(response), net::as_result);
  if (std::get<0>(sent)) co_return;
  net::ErrorCode ignored;
  client.socket.shutdown(asio::socket_base::shutdown_send, ignored);
  // closing with unread data would send a reset, which can discard the response before the client
  // has read it
  bool more = true;
  while (more) {
    auto got = co_await client.socket.async_read_some(asio::buffer(part), net::as_result);
    more = !std::get<0>(got);
  }
}

net::Awaitable<void> StatusServer::Core::get_snapshot(Client& client) {
  if (last != nullptr && Clock::now() - last_at < limits.lifetime) {
    client.snapshot = last;
    co_return;
  }
  if (!std::exchange(requested, true))
    request_snapshot([self = weak_from_this()](std::shared_ptr<const Snapshot> snapshot) {
      if (const auto core = self.lock())
        asio::post(core->io,
                   [&core = *core, snapshot = std::move(snapshot)] { core.on_snapshot(snapshot); });
    });
  co_await client.snapshot_ready.async_wait(net::as_result);
}

void StatusServer::Core::on_snapshot(std::shared_ptr<const Snapshot> snapshot) {
  requested = false;
  constexpr std::chrono::milliseconds long_enough{500};
  if (last && snapshot && snapshot->now - last->now >= long_enough) before = last;
  last = std::move(snapshot);
  last_at = Clock::now();
  for (const auto& [id, client] : clients) {
    client->snapshot = last;
    client->snapshot_ready.cancel();
  }
}

// A mean since long ago would say nothing about the rate now.
const Snapshot* StatusServer::Core::earlier(const Snapshot& now) const {
  constexpr std::chrono::seconds too_long_ago{30};
  return before && now.now - before->now < too_long_ago ? before.get() : nullptr;
}

Result<std::unique_ptr<StatusServer>> StatusServer::open(const config::Status& wanted,
                                                         RequestSnapshot request_snapshot,
                                                         Limits limits,
                                                         std::vector<net::Acceptor> bound) {
  auto core = std::make_shared<Core>(std::move(request_snapshot), limits);
  auto listener = bound.empty() ? open_listener(core->io.get_executor(), wanted.listen)
                                : take_listener(core->io.get_executor(), std::move(bound));
  if (!listener) return listener.error();
  core->listener = std::move(*listener);
  core->local = wanted.listen.local() != nullptr;
  core->remote_access = {wanted.allow, wanted.token};
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(core)));
}

StatusServer::StatusServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}

StatusServer::~StatusServer() {
  core_->io.stop();
  if (thread_.joinable()) thread_.join();
}

void StatusServer::admit(RemoteAccess remote_access) {
  asio::post(core_->io, [core = core_, remote_access = std::move(remote_access)]() mutable {
    core->remote_access = std::move(remote_access);
  });
}

void StatusServer::start() {
  for (net::Acceptor& acceptor : core_->listener.acceptors)
    asio::co_spawn(core_->io.get_executor(), core_->accept(acceptor),
                   [](const std::exception_ptr&) {});
  thread_ = std::thread([&io = core_->io] { io.run(); });
}

const std::vector<std::string>& StatusServer::addresses() const {
  return core_->listener.addresses;
}

}  // namespace tunnel::status
