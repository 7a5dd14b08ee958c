// Waits for acknowledgements, then closes.
#include "net/lingering_close.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "net/deadline.hpp"
#include "os/net/local_socket.hpp"
#include "os/net/socket.hpp"

namespace tunnel::net {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds poll_interval{100};
constexpr milliseconds grace{1000};

os::NativeSocket native(Socket& socket) {
  return static_cast<os::NativeSocket>(socket.native_handle());
}

// How the peer's system acknowledges what was written.
class Progress {
 public:
  Progress(Socket& socket, milliseconds patience) : socket_(socket), patience_(patience) {
    os::expect_empty_queue(native(socket));
  }

  // Polls once; false where everything is acknowledged, or nothing has moved for too long.
  bool poll() {
    queue_ = os::send_queue(native(socket_));
    const auto now = Clock::now();
    if (!polled_ || queue_.mark != mark_) {
      polled_ = true;
      mark_ = queue_.mark;
      since_ = now;
    }
    stalled_ = std::chrono::duration_cast<milliseconds>(now - since_);
    if (queue_.empty) return !queue_.certain && stalled_ < grace;
    return patience_.count() == 0 || stalled_ < patience_;
  }
  bool all_acknowledged() const { return queue_.empty; }
  // For how long nothing has moved.
  milliseconds stalled() const { return stalled_; }
  std::size_t left() const { return queue_.bytes; }

 private:
  Socket& socket_;
  const milliseconds patience_;
  os::SendQueue queue_;
  std::uint64_t mark_ = 0;
  bool polled_ = false;
  Clock::time_point since_;
  milliseconds stalled_{0};
};

// Polls until there is nothing more to wait for, then resets.
class Poller {
 public:
  Poller(Socket& socket, milliseconds patience)
      : socket_(socket), progress_(socket, patience), deadline_(socket.get_executor()) {
    poll();
  }

  std::size_t left() const { return progress_.left(); }

 private:
  void poll() {
    if (!progress_.poll() && (!progress_.all_acknowledged() || progress_.stalled() >= grace))
      return reset(socket_);
    deadline_.start(poll_interval, [this] { poll(); });
  }

  Socket& socket_;
  Progress progress_;
  Deadline deadline_;
};

bool is_unix(Socket& socket) { return !os::local_place(native(socket)).empty(); }

// What is written to a UNIX socket is in the reader's queue at once.
std::size_t queued(Socket& socket) {
  return is_unix(socket) ? 0 : os::send_queue(native(socket)).bytes;
}

bool has_peer(const Socket& socket) {
  ErrorCode error;
  (void)socket.remote_endpoint(error);
  return !error;
}

}  // namespace

Awaitable<std::size_t> close_lingering(Socket& socket, milliseconds patience) {
  ErrorCode error;
  socket.shutdown(Socket::shutdown_send, error);
  std::size_t left = 0;
  {
    const Poller poller(socket, patience);
    std::array<std::byte, 1024> scratch;
    for (;;) {
      auto result = co_await socket.async_read_some(asio::buffer(scratch), as_result);
      error = std::get<0>(result);
      if (error) break;
    }
    // where the peer has ended too, its system still gets the rest
    if (error != asio::error::eof) left = poller.left();
  }
  if (socket.is_open()) {
    if (error != asio::error::eof) left = queued(socket);
    reset_on_close(socket, false);
  }
  socket.close(error);
  co_return left;
}

Awaitable<std::size_t> deliver_and_reset(Socket& socket, milliseconds patience) {
  if (!socket.is_open()) co_return 0;
  if (is_unix(socket)) {
    reset(socket);
    co_return 0;
  }
  Progress progress(socket, patience);
  milliseconds pause{1};
  Timer timer(socket.get_executor());
  while (progress.poll() && has_peer(socket)) {
    timer.expires_after(pause);
    co_await timer.async_wait(as_result);
    if (!socket.is_open()) co_return progress.left();
    pause = std::min(pause * 2, poll_interval);
  }
  reset(socket);
  co_return progress.left();
}

std::size_t reset_now(Socket& socket) {
  if (!socket.is_open()) return 0;
  const std::size_t left = queued(socket);
  reset(socket);
  return left;
}

}  // namespace tunnel::net
