// A bound on a wait: calls back once if it is not stopped in time.
#pragma once

#include <functional>
#include <memory>

#include "net/io.hpp"

namespace tunnel::net {

class Deadline {
 public:
  explicit Deadline(const Executor& executor) : timer_(executor) {}

  // Replaces whatever was running. Zero is never. `expired` is called on the executor's thread, and
  // not after stop() or the end of this object.
  void start(std::chrono::milliseconds after, std::function<void()> expired) {
    stop();
    if (after.count() == 0) return;
    // a timer that has fired cannot be cancelled any more: only the token makes stop() final
    token_ = std::make_shared<char>();
    timer_.expires_after(after);
    timer_.async_wait(
        [token = std::weak_ptr(token_), expired = std::move(expired)](const ErrorCode& error) {
          if (!error && !token.expired()) expired();
        });
  }
  void stop() {
    token_.reset();
    timer_.cancel();
  }

 private:
  Timer timer_;
  std::shared_ptr<char> token_;
};

}  // namespace tunnel::net
