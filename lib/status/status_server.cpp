// Accepting, one request for each visitor, and the snapshot that they share.
#include "status/status_server.hpp"

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <array>
#include <filesystem>
#include <map>
#include <random>
#include <utility>

#include "net/deadline.hpp"
#include "status/routes.hpp"
#include "status/status_listener.hpp"

namespace tunnel::status {

namespace {

using Clock = std::chrono::steady_clock;

// Fresh for each page; an attacker would have to be in the page already to read it.
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

}  // namespace

struct Server::Core : std::enable_shared_from_this<Core> {
  struct Visitor {
    Visitor(Core& a_core, Socket a_socket)
        : core(a_core),
          id(++core.last_id),
          socket(std::move(a_socket)),
          deadline(core.io.get_executor()),
          snapshot_there(core.io.get_executor(), net::Timer::time_point::max()) {
      core.visitors.emplace(id, this);
    }
    ~Visitor() { core.visitors.erase(id); }
    Visitor(const Visitor&) = delete;
    Visitor& operator=(const Visitor&) = delete;

    void go() {
      net::ErrorCode ignored;
      socket.close(ignored);
      snapshot_there.cancel();
    }

    Core& core;
    const std::uint64_t id;
    Socket socket;
    net::Deadline deadline;
    net::Timer snapshot_there;
    std::shared_ptr<const Snapshot> snapshot;
  };

  Core(Ask an_ask, Limits some_limits) : ask(std::move(an_ask)), limits(some_limits) {}

  template <class Acceptor>
  net::Awaitable<void> accept(Acceptor& acceptor);
  net::Awaitable<void> serve(Socket socket);
  net::Awaitable<void> talk(Visitor& visitor);
  net::Awaitable<void> get_snapshot(Visitor& visitor);
  void take(std::shared_ptr<const Snapshot> snapshot);
  const Snapshot* earlier(const Snapshot& now) const;

  const Ask ask;
  const Limits limits;
  std::filesystem::path file;  // of the UNIX socket
  bool local = false;
  std::map<std::uint64_t, Visitor*> visitors;  // the oldest first
  std::uint64_t last_id = 0;
  std::shared_ptr<const Snapshot> last;
  std::shared_ptr<const Snapshot> before;  // for bytes in each second
  Clock::time_point last_at;
  bool asked = false;
  // The last to come and the first to go: its coroutines use the others.
  asio::io_context io{1};
  StatusListener door;
};

template <class Acceptor>
net::Awaitable<void> Server::Core::accept(Acceptor& acceptor) {
  while (acceptor.is_open()) {
    auto result = co_await acceptor.async_accept(net::as_result);
    auto& [error, socket] = result;
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // no descriptors, most likely: those who are there go sooner or later
      net::Timer timer(io.get_executor(), std::chrono::milliseconds(100));
      co_await timer.async_wait(net::as_result);
      continue;
    }
    // it is gone from the list when its coroutine has noticed, so not all at once
    if (visitors.size() >= limits.visitors) visitors.begin()->second->go();
    asio::co_spawn(io.get_executor(), serve(Socket(std::move(socket))),
                   [](const std::exception_ptr&) {});
  }
}

net::Awaitable<void> Server::Core::serve(Socket socket) {
  Visitor visitor(*this, std::move(socket));
  visitor.deadline.start(limits.patience, [&visitor] { visitor.go(); });
  co_await talk(visitor);
}

net::Awaitable<void> Server::Core::talk(Visitor& visitor) {
  std::string head;
  std::array<char, 1024> part;
  while (head.find("\r\n\r\n") == head.npos && head.size() <= limits.head) {
    auto got = co_await visitor.socket.async_read_some(asio::buffer(part), net::as_result);
    if (std::get<0>(got)) co_return;
    head.append(part.data(), std::get<1>(got));
  }
  std::string response;
  if (head.size() > limits.head) {
    response = too_long;
  } else {
    co_await get_snapshot(visitor);
    if (!visitor.socket.is_open()) co_return;
    response = visitor.snapshot == nullptr
                   ? std::string(no_answer)
                   : respond(head, [&](const Request& request) {
                       return answer(request, *visitor.snapshot, earlier(*visitor.snapshot), local,
                                     make_nonce());
                     });
  }
  auto sent = co_await asio::async_write(visitor.socket, asio::buffer(response), net::as_result);
  if (std::get<0>(sent)) co_return;
  net::ErrorCode ignored;
  visitor.socket.shutdown(asio::socket_base::shutdown_send, ignored);
  // a reset for what was not read would take the response away from a client that has not read it
  // yet
  bool more = true;
  while (more) {
    auto got = co_await visitor.socket.async_read_some(asio::buffer(part), net::as_result);
    more = !std::get<0>(got);
  }
}

net::Awaitable<void> Server::Core::get_snapshot(Visitor& visitor) {
  if (last != nullptr && Clock::now() - last_at < limits.lifetime) {
    visitor.snapshot = last;
    co_return;
  }
  if (!std::exchange(asked, true))
    ask([self = weak_from_this()](std::shared_ptr<const Snapshot> snapshot) {
      if (const auto core = self.lock())
        asio::post(core->io,
                   [&core = *core, snapshot = std::move(snapshot)] { core.take(snapshot); });
    });
  co_await visitor.snapshot_there.async_wait(net::as_result);
}

void Server::Core::take(std::shared_ptr<const Snapshot> snapshot) {
  asked = false;
  constexpr std::chrono::milliseconds long_enough{500};
  if (last && snapshot && snapshot->now - last->now >= long_enough) before = last;
  last = std::move(snapshot);
  last_at = Clock::now();
  for (const auto& [id, visitor] : visitors) {
    visitor->snapshot = last;
    visitor->snapshot_there.cancel();
  }
}

// Of somebody who looked long ago, the mean since then would say nothing about now.
const Snapshot* Server::Core::earlier(const Snapshot& now) const {
  constexpr std::chrono::seconds too_long_ago{30};
  return before && now.now - before->now < too_long_ago ? before.get() : nullptr;
}

Result<std::unique_ptr<Server>> Server::open(const config::StatusListen& listen, Ask ask,
                                             Limits limits) {
  auto core = std::make_shared<Core>(std::move(ask), limits);
  auto door = open_door(core->io.get_executor(), listen);
  if (!door) return door.error();
  core->door = std::move(*door);
  core->file = listen.path;
  core->local = !listen.path.empty();
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::Server(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Server::~Server() {
  core_->io.stop();
  if (thread_.joinable()) thread_.join();
  std::error_code ignored;
  if (core_->local) std::filesystem::remove(core_->file, ignored);
}

void Server::start() {
  for (net::Acceptor& acceptor : core_->door.tcp)
    asio::co_spawn(core_->io.get_executor(), core_->accept(acceptor),
                   [](const std::exception_ptr&) {});
  for (LocalAcceptor& acceptor : core_->door.local)
    asio::co_spawn(core_->io.get_executor(), core_->accept(acceptor),
                   [](const std::exception_ptr&) {});
  thread_ = std::thread([&io = core_->io] { io.run(); });
}

const std::vector<std::string>& Server::places() const { return core_->door.places; }

}  // namespace tunnel::status
