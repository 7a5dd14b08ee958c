// The last moments of a socket.
#include "net/closing.hpp"

#include <array>

#include "net/deadline.hpp"
#include "os/socket.hpp"

namespace tunnel::net {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_every{100};
constexpr milliseconds moment{1000};

// Looks from time to time how much the peer's system has taken, and resets when it is enough.
class Watch {
 public:
  Watch(Socket& socket, milliseconds patience)
      : socket_(socket), patience_(patience), deadline_(socket.get_executor()) {
    look();
  }

 private:
  void look() {
    const auto native = static_cast<os::NativeSocket>(socket_.native_handle());
    const std::size_t left = os::unacknowledged(native);
    const auto now = Clock::now();
    if (left != left_) {
      left_ = left;
      since_ = now;
    }
    const milliseconds limit = left == 0 ? moment : patience_;
    if (limit.count() != 0 && now - since_ >= limit) return reset(socket_);
    deadline_.start(look_every, [this] { look(); });
  }

  Socket& socket_;
  const milliseconds patience_;
  Deadline deadline_;
  std::size_t left_ = 0;
  Clock::time_point since_ = Clock::now();
};

}  // namespace

Awaitable<void> close_gently(Socket& socket, milliseconds patience) {
  ErrorCode error;
  socket.shutdown(Socket::shutdown_send, error);
  {
    const Watch watch(socket, patience);
    std::array<std::byte, 1024> scratch;
    for (;;) {
      auto result = co_await socket.async_read_some(asio::buffer(scratch), as_result);
      if (std::get<0>(result)) break;
    }
  }
  if (socket.is_open()) reset_on_close(socket, false);
  socket.close(error);
}

}  // namespace tunnel::net
