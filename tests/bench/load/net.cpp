// Loopback sockets and pairs of them.
#include "net.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace load {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void prepare(int fd) {
  const int on = 1;
  const timeval patience{.tv_sec = kPatience, .tv_usec = 0};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

}  // namespace

void fail(const std::string& what) { throw std::runtime_error(what); }

void fail_errno(const std::string& what) { fail(what + ": " + std::strerror(errno)); }

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

void Fd::close() {
  if (fd_ >= 0) ::close(release());
}

Fd listen_on(std::uint16_t port) {
  Fd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), 4096) != 0)
    fail_errno("cannot listen on port " + std::to_string(port));
  const timeval patience{.tv_sec = kPatience / 3, .tv_usec = 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

Fd connect_to(std::uint16_t port) {
  Fd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) fail_errno("cannot make a socket");
  prepare(fd.get());
  const sockaddr_in address = loopback(port);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail_errno("cannot connect to port " + std::to_string(port));
  return fd;
}

Fd accept_from(const Fd& listener) {
  Fd fd{accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (fd) prepare(fd.get());
  return fd;
}

Fd accept_with_data(const Fd& listener) {
  for (;;) {
    Fd fd = accept_from(listener);
    char first = 0;
    if (!fd || recv(fd.get(), &first, 1, MSG_PEEK) > 0) return fd;
  }
}

void set_blocking(int fd, bool blocking) {
  const int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

void send_all(int fd, std::span<const char> data) {
  while (!data.empty()) {
    const ssize_t sent = send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0) fail_errno("cannot send");
    data = data.subspan(static_cast<std::size_t>(sent));
  }
}

void receive_exactly(int fd, std::span<char> data) {
  while (!data.empty()) {
    const ssize_t got = recv(fd, data.data(), data.size(), 0);
    if (got < 0) fail_errno("cannot receive");
    if (got == 0) fail("a connection was closed before its data had come");
    data = data.subspan(static_cast<std::size_t>(got));
  }
}

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), events_(512) {
  if (!epoll_) fail_errno("cannot make an epoll descriptor");
}

void Poller::add(int fd, std::uint32_t events, void* of) {
  epoll_event event{.events = events, .data = {.ptr = of}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) fail_errno("cannot watch a socket");
}

void Poller::change(int fd, std::uint32_t events, void* of) {
  epoll_event event{.events = events, .data = {.ptr = of}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) fail_errno("cannot watch a socket");
}

void Poller::remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<epoll_event> Poller::wait(int milliseconds) {
  int count = -1;
  do {
    count =
        epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), milliseconds);
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail_errno("cannot wait for sockets");
  return std::span(events_).first(static_cast<std::size_t>(count));
}

void establish(std::vector<Pair>& pairs, std::size_t count, std::uint16_t front,
               const Fd& listener) {
  // As many handshakes at a time as a full listen backlog of the least of the programs bears.
  constexpr std::size_t kAtOnce = 32;
  using Number = std::array<char, sizeof(std::uint32_t)>;
  while (pairs.size() < count) {
    const std::size_t first = pairs.size();
    pairs.resize(std::min(count, first + kAtOnce));
    for (std::size_t i = first; i < pairs.size(); ++i) {
      pairs[i].client = connect_to(front);
      const auto number = static_cast<std::uint32_t>(i);
      Number bytes;
      std::memcpy(bytes.data(), &number, sizeof number);
      send_all(pairs[i].client.get(), bytes);
    }
    for (std::size_t i = first; i < pairs.size(); ++i) {
      Fd device = accept_with_data(listener);
      if (!device) fail_errno("connection " + std::to_string(i + 1) + " did not come through");
      Number bytes;
      receive_exactly(device.get(), bytes);
      std::uint32_t number = 0;
      std::memcpy(&number, bytes.data(), sizeof number);
      if (number < first || number >= pairs.size()) fail("a connection carried another's bytes");
      send_all(device.get(), bytes);
      pairs[number].device = std::move(device);
    }
    for (std::size_t i = first; i < pairs.size(); ++i) {
      Number bytes;
      receive_exactly(pairs[i].client.get(), bytes);
      set_blocking(pairs[i].client.get(), false);
      set_blocking(pairs[i].device.get(), false);
    }
  }
}

}  // namespace load
