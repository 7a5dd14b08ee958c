// Opens connections ahead, and replaces those that expire or that the peer closes.
#include "relay/upstream_pool.hpp"

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>

#include "log/service_log.hpp"
#include "net/deadline.hpp"
#include "net/peer_liveness.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds first_pause{1};
constexpr seconds longest_pause{60};
// Relays and firewalls drop quiet connections after an unknown time; few do so before this.
constexpr minutes usual_age{5};
constexpr seconds shortest_age{10};

}  // namespace

// A connection that waits for a client.
struct UpstreamPool::Waiting {
  std::unique_ptr<Upstream> upstream;  // null once acquired
  Clock::time_point since = Clock::now();
  bool renewed = false;

  void renew() {
    renewed = true;
    net::ErrorCode ignored;
    upstream->socket().cancel(ignored);  // ends wait_for_removal()
  }
};

struct UpstreamPool::State {
  Worker& worker;
  Log& log;
  const ServiceSnapshot snapshot;
  const std::shared_ptr<ServiceStats> stats;
  std::list<std::shared_ptr<Waiting>> waiting;
  milliseconds longest_age = usual_age;  // shorter where the peer has closed sooner
  bool failing = false;                  // logged
  bool closed = false;

  void write(LogLevel level, std::string message) {
    ServiceLog(log, snapshot.settings->name).write(level, "warm", std::move(message));
  }
};

UpstreamPool::UpstreamPool(Worker& worker, Log& log, ServiceSnapshot snapshot,
                           std::shared_ptr<ServiceStats> stats, std::size_t count)
    : state_(
          std::make_shared<State>(State{worker, log, std::move(snapshot), std::move(stats), {}})),
      count_(count) {}

UpstreamPool::~UpstreamPool() { state_->closed = true; }

void UpstreamPool::start() {
  asio::post(state_->worker.io, [state = state_, count = count_] {
    for (std::size_t i = 0; i < count; ++i)
      asio::co_spawn(state->worker.io.get_executor(), maintain(state),
                     [state](const std::exception_ptr& exception) {
                       if (exception)
                         state->write(LogLevel::error,
                                      "a connection is not kept ready any more: "
                                      "the program is out of memory");
                     });
  });
}

void UpstreamPool::renew() {
  asio::post(state_->worker.io, [state = state_] {
    for (const auto& waiting : state->waiting) waiting->renew();
  });
}

void UpstreamPool::renew_stranded() {
  asio::post(state_->worker.io, [state = state_] {
    net::LocalAddresses addresses(state->worker.io.get_executor());
    for (const auto& waiting : state->waiting)
      if (!net::PeerLiveness::check_address(waiting->upstream->socket(), addresses).empty())
        waiting->renew();
  });
}

void UpstreamPool::close(std::function<void()> closed) {
  asio::post(state_->worker.io, [state = state_, closed = std::move(closed)] {
    state->closed = true;
    for (const auto& waiting : state->waiting) {
      close_cleanly(*waiting->upstream);
      waiting->upstream.reset();
    }
    state->waiting.clear();
    closed();
  });
}

// The peer must not take this for an accident.
void UpstreamPool::close_cleanly(Upstream& upstream) {
  upstream.stream()->end_now();
  net::ErrorCode ignored;
  upstream.socket().close(ignored);
}

std::unique_ptr<Upstream> UpstreamPool::acquire() {
  auto& waiting = state_->waiting;
  while (!waiting.empty()) {
    const auto first = waiting.front();  // the one that has waited longest
    waiting.pop_front();
    auto upstream = std::move(first->upstream);
    net::ErrorCode ignored;
    upstream->socket().cancel(ignored);  // ends wait_for_removal(), and another one is opened
    if (!first->renewed && is_open(*state_, *upstream)) return upstream;
  }
  return nullptr;
}

// Reads what has arrived meanwhile; false where the peer has ended the connection.
bool UpstreamPool::is_open(State& state, Upstream& upstream) {
  net::TlsStream& stream = *upstream.stream();
  return stream.receive_early(state.worker.buffers);
}

// Keeps one connection ready, and opens another after it.
net::Awaitable<void> UpstreamPool::maintain(std::shared_ptr<State> state) {
  milliseconds pause = first_pause;
  while (!state->closed) {
    const auto waiting = std::make_shared<Waiting>();
    waiting->upstream = std::make_unique<Upstream>(state->worker, state->snapshot, state->stats);
    const auto opened = co_await waiting->upstream->open();
    if (state->closed) co_return;
    if (!opened) {
      if (!std::exchange(state->failing, true))
        state->write(LogLevel::warn,
                     "no connection can be kept ready: " + opened.error().message());
      net::Timer timer(state->worker.io.get_executor(), pause);
      co_await timer.async_wait(net::as_result);
      pause = std::min<milliseconds>(pause * 2, longest_pause);
      continue;
    }
    waiting->upstream->take_certificate();  // unused, and it would take memory
    if (const std::string failover = waiting->upstream->take_failover(); !failover.empty())
      state->write(LogLevel::warn, failover);
    if (const std::string notice = waiting->upstream->take_notice(); !notice.empty())
      state->write(LogLevel::warn, notice);
    if (std::exchange(state->failing, false))
      state->write(LogLevel::info, "connections are kept ready again");
    waiting->since = Clock::now();
    state->waiting.push_back(waiting);
    const Removal removal = co_await wait_for_removal(state, waiting);
    const auto age = std::chrono::duration_cast<milliseconds>(Clock::now() - waiting->since);
    if (removal == Removal::closed_by_peer && age < shortest_age) {
      // a peer that closes at once must not be dialled in a loop
      net::Timer timer(state->worker.io.get_executor(), pause);
      co_await timer.async_wait(net::as_result);
      pause = std::min<milliseconds>(pause * 2, longest_pause);
      continue;
    }
    pause = first_pause;
    // learns how long the peer waits, and probes again little by little: a restart looks the same
    if (removal == Removal::closed_by_peer)
      state->longest_age = std::min(state->longest_age, age * 4 / 5);
    if (removal == Removal::expired)
      state->longest_age = std::min<milliseconds>(state->longest_age * 5 / 4, usual_age);
  }
}

// Returns when the connection is no longer in the pool.
net::Awaitable<UpstreamPool::Removal> UpstreamPool::wait_for_removal(
    std::shared_ptr<State> state, std::shared_ptr<Waiting> waiting) {
  bool expired = false;
  net::Deadline deadline(state->worker.io.get_executor());
  deadline.start(state->longest_age, [&expired, &waiting] {
    expired = true;
    net::ErrorCode ignored;
    if (waiting->upstream) waiting->upstream->socket().cancel(ignored);
  });
  bool open = true;
  while (open && !expired && !waiting->renewed) {
    co_await waiting->upstream->socket().async_wait(net::Socket::wait_read, net::as_result);
    if (!waiting->upstream) co_return Removal::acquired;
    if (!expired && !waiting->renewed) open = is_open(*state, *waiting->upstream);
  }
  state->waiting.remove(waiting);
  if (waiting->renewed) co_return Removal::renewed;
  if (!expired) co_return Removal::closed_by_peer;
  close_cleanly(*waiting->upstream);
  co_return Removal::expired;
}

}  // namespace tunnel
