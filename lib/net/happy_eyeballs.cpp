// Starts one attempt after the other, and keeps the first that connects.
#include "net/happy_eyeballs.hpp"

#include <algorithm>
#include <utility>

#include "os/net/socket.hpp"

namespace tunnel::net {

struct HappyEyeballs::Attempt {
  Attempt(const Executor& executor, const Endpoint& address)
      : to(address), socket(executor), deadline(executor) {}

  const Endpoint to;
  Socket socket;
  Deadline deadline;
  bool timed_out = false;
};

struct HappyEyeballs::Race : std::enable_shared_from_this<HappyEyeballs::Race> {
  explicit Race(const Executor& executor) : wake(executor) {}

  void start(const Executor& executor, const Endpoint& address, std::chrono::milliseconds timeout);
  void ended(Attempt& attempt, ErrorCode error);
  void close();

  std::vector<std::unique_ptr<Attempt>> attempts;
  Attempt* winner = nullptr;
  std::size_t running = 0;
  ConnectResult failure{asio::error::operation_aborted, false};  // of all that have failed
  bool failed = false;
  bool changed = false;  // since run() last checked
  bool cancelled = false;
  Timer wake;
};

namespace {

// Tells nothing about the far side where another address got further.
bool is_uninformative(const ErrorCode& error) {
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

void HappyEyeballs::Race::start(const Executor& executor, const Endpoint& address,
                                std::chrono::milliseconds timeout) {
  attempts.push_back(std::make_unique<Attempt>(executor, address));
  Attempt& attempt = *attempts.back();
  ++running;
  ErrorCode error;
  attempt.socket.open(address.protocol(), error);
  if (error) return ended(attempt, error);
  if (address.address().is_loopback())
    os::send_unpaced(static_cast<os::NativeSocket>(attempt.socket.native_handle()));
  attempt.deadline.start(timeout, [&attempt] {
    attempt.timed_out = true;
    ErrorCode ignored;
    attempt.socket.close(ignored);
  });
  attempt.socket.async_connect(address,
                               [self = shared_from_this(), &attempt](const ErrorCode& outcome) {
                                 self->ended(attempt, outcome);
                               });
}

void HappyEyeballs::Race::ended(Attempt& attempt, ErrorCode error) {
  --running;
  attempt.deadline.stop();
  // the deadline may have closed a socket that had just connected
  if (attempt.timed_out) error = asio::error::timed_out;
  if (!error && !attempt.socket.is_open()) error = asio::error::operation_aborted;
  if (!error && winner == nullptr) {
    winner = &attempt;
  } else {
    ErrorCode ignored;
    attempt.socket.close(ignored);
    if (!failed || !is_uninformative(error)) failure = {error, attempt.timed_out};
    failed = true;
  }
  changed = true;
  wake.cancel();
}

void HappyEyeballs::Race::close() {
  for (const auto& attempt : attempts) {
    if (attempt.get() == winner) continue;
    attempt->deadline.stop();
    ErrorCode ignored;
    attempt->socket.close(ignored);
  }
}

HappyEyeballs::HappyEyeballs(const Executor& executor)
    : executor_(executor), race_(std::make_shared<Race>(executor)) {}

HappyEyeballs::~HappyEyeballs() { race_->close(); }

Awaitable<ConnectResult> HappyEyeballs::run(std::vector<Endpoint> addresses,
                                            std::chrono::milliseconds timeout) {
  const auto race = race_;  // cancel() may destroy this
  std::size_t next = 0;
  while (race->winner == nullptr && !race->cancelled) {
    if (next < addresses.size()) race->start(executor_, addresses[next++], timeout);
    if (race->running == 0 && next == addresses.size()) break;
    if (next < addresses.size())
      race->wake.expires_after(attempt_delay);
    else
      race->wake.expires_at(Timer::time_point::max());
    // with none left to start, an attempt that ends is a change, but not yet the end
    do {
      if (!race->changed) co_await race->wake.async_wait(as_result);
      race->changed = false;
    } while (next == addresses.size() && race->running > 0 && race->winner == nullptr &&
             !race->cancelled);
  }
  race->close();
  if (race->cancelled) co_return ConnectResult{asio::error::operation_aborted, false};
  if (race->winner != nullptr) co_return ConnectResult{};
  co_return race->failure;
}

void HappyEyeballs::cancel() {
  race_->cancelled = true;
  race_->close();
  race_->changed = true;
  race_->wake.cancel();
}

Socket& HappyEyeballs::socket() { return race_->winner->socket; }

const Endpoint& HappyEyeballs::endpoint() const { return race_->winner->to; }

}  // namespace tunnel::net
