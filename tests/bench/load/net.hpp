// Loopback sockets for the load: descriptors that close themselves, and pairs that run through what
// is measured.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace load {

inline constexpr int kPatience = 60;  // seconds until a wait is a failure

[[noreturn]] void fail(const std::string& what);        // as it stands
[[noreturn]] void fail_errno(const std::string& what);  // with the system's words behind it

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  void close();

 private:
  int fd_ = -1;
};

// Listens on 127.0.0.1.
Fd listen_on(std::uint16_t port);

// A connected blocking socket with TCP_NODELAY, whose reads and writes give up after kPatience.
Fd connect_to(std::uint16_t port);
Fd accept_from(const Fd& listener);

// The next connection on which something comes. What is passed over is a late end of the connection
// that asked whether a program listens: HAProxy goes on dialling for it.
Fd accept_with_data(const Fd& listener);

void set_blocking(int fd, bool blocking);
void send_all(int fd, std::span<const char> data);
void receive_exactly(int fd, std::span<char> data);

// What epoll tells, with a pointer of the caller's for each descriptor.
class Poller {
 public:
  Poller();
  void add(int fd, std::uint32_t events, void* of);
  void change(int fd, std::uint32_t events, void* of);
  void remove(int fd);
  // Empty after `milliseconds`; -1 waits for ever.
  std::span<epoll_event> wait(int milliseconds);

 private:
  Fd epoll_;
  std::vector<epoll_event> events_;
};

// One connection through what is measured: its client's and its device's end.
struct Pair {
  Fd client;
  Fd device;
};

// Adds connections from `front` to whoever listens there on our behalf, until there are `count`.
// Each has carried its number to the device and back, so both of its handshakes are over. The
// sockets do not block.
void establish(std::vector<Pair>& pairs, std::size_t count, std::uint16_t front,
               const Fd& listener);

}  // namespace load
