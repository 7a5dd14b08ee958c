// How a fast stream of records waits: until a block's worth has arrived, or a moment has passed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "net/deadline.hpp"
#include "net/io.hpp"
#include "os/net/socket.hpp"

namespace tunnel::net {

// A peer that sends record by record wakes its reader for each record, and a wakeup costs more than
// decryption. So a stream that has carried much is read in blocks, where the system supports it.
// The end of the stream, a reset and a full window end the wait at once. A remainder shorter than a
// block waits for a moment; then the stream is read as usual again, for twice as many bytes each
// time unless many blocks came before.
class ReceiveCoalescing {
 public:
  static constexpr std::size_t block = 256 * 1024;
  static constexpr std::chrono::milliseconds moment{1};
  static constexpr std::uint64_t first_after = 1 << 20;  // bytes before the first block
  static constexpr std::uint64_t last_after = 64 << 20;

  // Never due where the peer does not send in records. The socket is used in calls only, and may be
  // destroyed before this object.
  ReceiveCoalescing(Socket& socket, bool in_records)
      : socket_(socket), left_(in_records ? first_after : never) {}

  // Call with the size of each receive.
  void on_received(std::size_t n) {
    if (active_)
      gained_ += n;
    else if (left_ != never)
      left_ -= std::min<std::uint64_t>(left_, n);
    // small messages are never coalesced, however many there are
    activate(left_ == 0 && n >= large);
  }

  // Whether the next wait must be wait().
  bool due() const { return active_; }
  Awaitable<void> wait() {
    if (!deadline_) deadline_ = std::make_unique<Deadline>(socket_.get_executor());
    deadline_->start(moment, [this] { on_timeout(); });
    co_await socket_.async_wait(Socket::wait_read, as_result);
    deadline_->stop();
  }

  // The socket waits as usual from now on.
  void stop() { activate(false); }

 private:
  static constexpr std::size_t large = 8 * 1024;
  static constexpr std::uint64_t many = 16 << 20;
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  void activate(bool on) {
    if (on == active_) return;
    active_ = set_threshold(on ? block : 1) && on;
    if (on && !active_) left_ = never;
    if (!on) deadline_.reset();
  }

  // Ends the wait with what has arrived: a second wait makes every system check again.
  void on_timeout() {
    after_ = gained_ >= many ? first_after : std::min(2 * after_, last_after);
    left_ = after_;
    gained_ = 0;
    active_ = false;
    set_threshold(1);
    if (socket_.is_open()) socket_.async_wait(Socket::wait_read, [](const ErrorCode&) {});
  }

  bool set_threshold(std::size_t least) {
    return os::set_least_to_receive(static_cast<os::NativeSocket>(socket_.native_handle()), least);
  }

  Socket& socket_;
  std::unique_ptr<Deadline> deadline_;
  std::uint64_t left_;  // bytes to be carried before it is due
  std::uint64_t after_ = first_after;
  std::uint64_t gained_ = 0;  // bytes carried since it has been due
  bool active_ = false;       // the system waits for a block
};

}  // namespace tunnel::net
