// Starting one attempt after the other, and keeping the first that connects.
#include "net/happy_eyeballs.hpp"

#include <algorithm>
#include <utility>

#include "os/net/socket.hpp"

namespace tunnel::net {

struct HappyEyeballs::Runner {
  Runner(const Executor& executor, const Endpoint& address)
      : to(address), socket(executor), deadline(executor) {}

  const Endpoint to;
  Socket socket;
  Deadline deadline;
  bool timed_out = false;
};

struct HappyEyeballs::Course : std::enable_shared_from_this<HappyEyeballs::Course> {
  explicit Course(const Executor& executor) : wake(executor) {}

  void start(const Executor& executor, const Endpoint& address, std::chrono::milliseconds timeout);
  void ended(Runner& runner, ErrorCode error);
  void close();

  std::vector<std::unique_ptr<Runner>> runners;
  Runner* winner = nullptr;
  std::size_t running = 0;
  Attempt failure{asio::error::operation_aborted, false};  // of all that have failed
  bool failed = false;
  bool news = false;  // since the last look
  bool cancelled = false;
  Timer wake;
};

namespace {

// Says nothing about the far side when other addresses were really tried.
bool says_little(const ErrorCode& error) {
  return error == asio::error::network_unreachable || error == asio::error::host_unreachable ||
         error == asio::error::address_family_not_supported;
}

}  // namespace

std::vector<Endpoint> interleaved(const std::vector<Endpoint>& addresses) {
  std::vector<Endpoint> once;
  for (const Endpoint& address : addresses)
    if (std::ranges::find(once, address) == once.end()) once.push_back(address);
  std::vector<Endpoint> out;
  while (!once.empty() && out.size() < most_addresses) {
    const auto next = std::ranges::find_if(once, [&](const Endpoint& address) {
      return out.empty() || address.protocol() != out.back().protocol();
    });
    const auto chosen = next == once.end() ? once.begin() : next;
    out.push_back(*chosen);
    once.erase(chosen);
  }
  return out;
}

void HappyEyeballs::Course::start(const Executor& executor, const Endpoint& address,
                                  std::chrono::milliseconds timeout) {
  runners.push_back(std::make_unique<Runner>(executor, address));
  Runner& runner = *runners.back();
  ++running;
  ErrorCode error;
  runner.socket.open(address.protocol(), error);
  if (error) return ended(runner, error);
  if (address.address().is_loopback())
    os::send_unpaced(static_cast<os::NativeSocket>(runner.socket.native_handle()));
  runner.deadline.start(timeout, [&runner] {
    runner.timed_out = true;
    ErrorCode ignored;
    runner.socket.close(ignored);
  });
  runner.socket.async_connect(address, [self = shared_from_this(), &runner](const ErrorCode& how) {
    self->ended(runner, how);
  });
}

void HappyEyeballs::Course::ended(Runner& runner, ErrorCode error) {
  --running;
  runner.deadline.stop();
  // the deadline may have closed what had just been connected
  if (runner.timed_out) error = asio::error::timed_out;
  if (!error && !runner.socket.is_open()) error = asio::error::operation_aborted;
  if (!error && winner == nullptr) {
    winner = &runner;
  } else {
    ErrorCode ignored;
    runner.socket.close(ignored);
    if (!failed || !says_little(error)) failure = {error, runner.timed_out};
    failed = true;
  }
  news = true;
  wake.cancel();
}

void HappyEyeballs::Course::close() {
  for (const auto& runner : runners) {
    if (runner.get() == winner) continue;
    runner->deadline.stop();
    ErrorCode ignored;
    runner->socket.close(ignored);
  }
}

HappyEyeballs::HappyEyeballs(const Executor& executor)
    : executor_(executor), course_(std::make_shared<Course>(executor)) {}

HappyEyeballs::~HappyEyeballs() { course_->close(); }

Awaitable<Attempt> HappyEyeballs::run(std::vector<Endpoint> addresses,
                                      std::chrono::milliseconds timeout) {
  const auto course = course_;  // cancel() may be the end of this
  std::size_t next = 0;
  while (course->winner == nullptr && !course->cancelled) {
    if (next < addresses.size()) course->start(executor_, addresses[next++], timeout);
    if (course->running == 0 && next == addresses.size()) break;
    if (next < addresses.size())
      course->wake.expires_after(attempt_delay);
    else
      course->wake.expires_at(Timer::time_point::max());
    // with none left to start, each that ends is news, but not yet the end
    do {
      if (!course->news) co_await course->wake.async_wait(as_result);
      course->news = false;
    } while (next == addresses.size() && course->running > 0 && course->winner == nullptr &&
             !course->cancelled);
  }
  course->close();
  if (course->cancelled) co_return Attempt{asio::error::operation_aborted, false};
  if (course->winner != nullptr) co_return Attempt{};
  co_return course->failure;
}

void HappyEyeballs::cancel() {
  course_->cancelled = true;
  course_->close();
  course_->news = true;
  course_->wake.cancel();
}

Socket& HappyEyeballs::socket() { return course_->winner->socket; }

const Endpoint& HappyEyeballs::endpoint() const { return course_->winner->to; }

}  // namespace tunnel::net
