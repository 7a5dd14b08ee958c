// A bound on a wait: calls back once if it is not stopped in time.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "net/io.hpp"

namespace tunnel::net {

class Deadline {
 public:
  explicit Deadline(const Executor& executor) : timer_(executor) {}

  // Replaces a deadline that is running. Zero is never. `expired` is called on the executor's
  // thread, and never after stop() or the destructor. Where the timer fires late, since the process
  // was suspended or had no CPU, `expired` is called a moment later still: what arrived in time is
  // handled first.
  void start(std::chrono::milliseconds after, std::function<void()> expired) {
    stop();
    if (after.count() == 0) return;
    // a timer that has fired can no longer be cancelled: only the token makes stop() final
    token_ = std::make_shared<char>();
    arm(after, std::move(expired));
  }
  void stop() {
    token_.reset();
    timer_.cancel();
  }

 private:
  static constexpr std::chrono::milliseconds late{1000};
  static constexpr std::chrono::milliseconds grace{20};

  void arm(std::chrono::milliseconds after, std::function<void()> expired) {
    timer_.expires_after(after);
    timer_.async_wait([this, token = std::weak_ptr(token_),
                       expired = std::move(expired)](const ErrorCode& error) mutable {
      if (error || token.expired()) return;
      if (std::chrono::steady_clock::now() - timer_.expiry() >= late)
        return arm(grace, std::move(expired));
      expired();
    });
  }

  Timer timer_;
  std::shared_ptr<char> token_;
};

}  // namespace tunnel::net
