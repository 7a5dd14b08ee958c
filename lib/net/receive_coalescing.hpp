// How a fast stream of records waits: until a block's worth has come, or a moment has passed.
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

// A peer that sends record by record wakes its reader for each of them, and that costs more than to
// decrypt it. So a stream that has carried much is waited for in blocks, where the system can. Its
// end, a reset and a full window end the wait at once. A rest that is shorter than a block waits
// for a moment; then the stream is an ordinary one again, and for twice as many bytes each time
// unless the blocks before were many.
class ReceiveCoalescing {
 public:
  static constexpr std::size_t block = 256 * 1024;
  static constexpr std::chrono::milliseconds moment{1};
  static constexpr std::uint64_t first_after = 1 << 20;  // bytes that a stream carries before
  static constexpr std::uint64_t last_after = 64 << 20;

  // Where the peer does not send in records it is never due. The socket is used in calls only, and
  // may be gone at this object's end.
  ReceiveCoalescing(Socket& socket, bool in_records)
      : socket_(socket), left_(in_records ? first_after : never) {}

  // To be called with what each receive has brought.
  void on_received(std::size_t n) {
    if (marked_)
      gained_ += n;
    else if (left_ != never)
      left_ -= std::min<std::uint64_t>(left_, n);
    // messages are not waited for like this, however many they are
    mark(left_ == 0 && n >= large);
  }

  // Whether the next wait is to be this one.
  bool due() const { return marked_; }
  Awaitable<void> wait() {
    if (!deadline_) deadline_ = std::make_unique<Deadline>(socket_.get_executor());
    deadline_->start(moment, [this] { give_up(); });
    co_await socket_.async_wait(Socket::wait_read, as_result);
    deadline_->stop();
  }

  // Others wait for the socket from now on.
  void stop() { mark(false); }

 private:
  static constexpr std::size_t large = 8 * 1024;
  static constexpr std::uint64_t many = 16 << 20;
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  void mark(bool on) {
    if (on == marked_) return;
    marked_ = set(on ? block : 1) && on;
    if (on && !marked_) left_ = never;
    if (!on) deadline_.reset();
  }

  // What has come meanwhile ends the wait: another one beside it makes every system look again.
  void give_up() {
    after_ = gained_ >= many ? first_after : std::min(2 * after_, last_after);
    left_ = after_;
    gained_ = 0;
    marked_ = false;
    set(1);
    if (socket_.is_open()) socket_.async_wait(Socket::wait_read, [](const ErrorCode&) {});
  }

  bool set(std::size_t least) {
    return os::set_least_to_receive(static_cast<os::NativeSocket>(socket_.native_handle()), least);
  }

  Socket& socket_;
  std::unique_ptr<Deadline> deadline_;
  std::uint64_t left_;  // bytes to be carried before it is due
  std::uint64_t after_ = first_after;
  std::uint64_t gained_ = 0;  // bytes carried since it has been due
  bool marked_ = false;       // the system knows of the block
};

}  // namespace tunnel::net
