// Opening ahead, looking after what waits, and giving up what the far side has closed.
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
// Relays and firewalls forget quiet connections; nobody says after which time, but few before this.
constexpr minutes usual_age{5};
constexpr seconds shortest_age{10};

}  // namespace

// One connection that waits.
struct UpstreamPool::Place {
  std::unique_ptr<Upstream> upstream;  // null once it is taken
  Clock::time_point since = Clock::now();
  bool renewed = false;

  void renew() {
    renewed = true;
    net::ErrorCode ignored;
    upstream->socket().cancel(ignored);  // its watch ends
  }
};

struct UpstreamPool::Shared {
  Worker& worker;
  Log& log;
  const ServiceSnapshot terms;
  std::list<std::shared_ptr<Place>> places;
  milliseconds longest_age = usual_age;  // shorter where the far side has shown less patience
  bool failing = false;                  // said so in the log
  bool closed = false;

  void say(LogLevel level, std::string message) {
    ServiceLog(log, terms.settings->name).write(level, "warm", std::move(message));
  }
};

UpstreamPool::UpstreamPool(Worker& worker, Log& log, ServiceSnapshot terms, std::size_t count)
    : shared_(std::make_shared<Shared>(Shared{worker, log, std::move(terms), {}})), count_(count) {}

UpstreamPool::~UpstreamPool() { shared_->closed = true; }

void UpstreamPool::start() {
  asio::post(shared_->worker.io, [shared = shared_, count = count_] {
    for (std::size_t i = 0; i < count; ++i)
      asio::co_spawn(shared->worker.io.get_executor(), keep(shared),
                     [shared](const std::exception_ptr& exception) {
                       if (exception)
                         shared->say(LogLevel::error,
                                     "a connection is not kept ready any more: "
                                     "the program is out of memory");
                     });
  });
}

void UpstreamPool::renew() {
  asio::post(shared_->worker.io, [shared = shared_] {
    for (const auto& place : shared->places) place->renew();
  });
}

void UpstreamPool::renew_stranded() {
  asio::post(shared_->worker.io, [shared = shared_] {
    net::LocalAddresses addresses(shared->worker.io.get_executor());
    for (const auto& place : shared->places)
      if (!net::PeerLiveness::check_address(place->upstream->socket(), addresses).empty())
        place->renew();
  });
}

void UpstreamPool::close(std::function<void()> closed) {
  asio::post(shared_->worker.io, [shared = shared_, closed = std::move(closed)] {
    shared->closed = true;
    for (const auto& place : shared->places) {
      say_goodbye(*place->upstream);
      place->upstream.reset();
    }
    shared->places.clear();
    closed();
  });
}

// The far side must not take it for an accident.
void UpstreamPool::say_goodbye(Upstream& upstream) {
  upstream.stream()->end_now();
  net::ErrorCode ignored;
  upstream.socket().close(ignored);
}

std::unique_ptr<Upstream> UpstreamPool::take() {
  auto& places = shared_->places;
  while (!places.empty()) {
    const auto place = places.front();  // the one that has waited longest
    places.pop_front();
    auto upstream = std::move(place->upstream);
    net::ErrorCode ignored;
    upstream->socket().cancel(ignored);  // its watch ends, and a new one is opened
    if (!place->renewed && holds(*shared_, *upstream)) return upstream;
  }
  return nullptr;
}

// Takes in what the far side has said meanwhile; false where it has ended the connection.
bool UpstreamPool::holds(Shared& shared, Upstream& upstream) {
  net::TlsStream& stream = *upstream.stream();
  return stream.receive_early(shared.worker.buffers);
}

// One connection after the other.
net::Awaitable<void> UpstreamPool::keep(std::shared_ptr<Shared> shared) {
  milliseconds pause = first_pause;
  while (!shared->closed) {
    const auto place = std::make_shared<Place>();
    place->upstream = std::make_unique<Upstream>(shared->worker, shared->terms);
    const auto opened = co_await place->upstream->open();
    if (shared->closed) co_return;
    if (!opened) {
      if (!std::exchange(shared->failing, true))
        shared->say(LogLevel::warn, "no connection can be kept ready: " + opened.error().message());
      net::Timer timer(shared->worker.io.get_executor(), pause);
      co_await timer.async_wait(net::as_result);
      pause = std::min<milliseconds>(pause * 2, longest_pause);
      continue;
    }
    place->upstream->take_certificate();  // nobody asks for it, and it would take memory
    if (const std::string detour = place->upstream->take_failover(); !detour.empty())
      shared->say(LogLevel::warn, detour);
    if (const std::string notice = place->upstream->take_notice(); !notice.empty())
      shared->say(LogLevel::warn, notice);
    if (std::exchange(shared->failing, false))
      shared->say(LogLevel::info, "connections are kept ready again");
    place->since = Clock::now();
    shared->places.push_back(place);
    const End end = co_await watch(shared, place);
    const auto age = std::chrono::duration_cast<milliseconds>(Clock::now() - place->since);
    if (end == End::far_side && age < shortest_age) {
      // a far side that hangs up at once is not to be called in a loop
      net::Timer timer(shared->worker.io.get_executor(), pause);
      co_await timer.async_wait(net::as_result);
      pause = std::min<milliseconds>(pause * 2, longest_pause);
      continue;
    }
    pause = first_pause;
    // its patience is learnt, and tried again little by little: a restart looks the same
    if (end == End::far_side) shared->longest_age = std::min(shared->longest_age, age * 4 / 5);
    if (end == End::old)
      shared->longest_age = std::min<milliseconds>(shared->longest_age * 5 / 4, usual_age);
  }
}

// Returns when it is taken, has grown old, or the far side has ended it.
net::Awaitable<UpstreamPool::End> UpstreamPool::watch(std::shared_ptr<Shared> shared,
                                                      std::shared_ptr<Place> place) {
  bool old = false;
  net::Deadline deadline(shared->worker.io.get_executor());
  deadline.start(shared->longest_age, [&old, &place] {
    old = true;
    net::ErrorCode ignored;
    if (place->upstream) place->upstream->socket().cancel(ignored);
  });
  bool good = true;
  while (good && !old && !place->renewed) {
    co_await place->upstream->socket().async_wait(net::Socket::wait_read, net::as_result);
    if (!place->upstream) co_return End::taken;
    if (!old && !place->renewed) good = holds(*shared, *place->upstream);
  }
  shared->places.remove(place);
  if (place->renewed) co_return End::renewed;
  if (!old) co_return End::far_side;
  say_goodbye(*place->upstream);
  co_return End::old;
}

}  // namespace tunnel
