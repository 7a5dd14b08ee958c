// A message is a memory file, sent with the first of its descriptors; more packets bring the rest.
#include "os/process/control_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

namespace tunnel::os {

namespace {

// unix(7) allows 253 in a packet.
constexpr std::size_t most_in_a_packet = 200;

// In each packet: how many descriptors follow in later ones.
using Rest = std::uint32_t;

bool send_some(int socket, Rest rest, std::span<const int> descriptors) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_in_a_packet)> control{};
  iovec data{&rest, sizeof rest};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  // musl has another type for it
  message.msg_controllen =
      static_cast<decltype(message.msg_controllen)>(CMSG_SPACE(descriptors.size_bytes()));
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = static_cast<decltype(header->cmsg_len)>(CMSG_LEN(descriptors.size_bytes()));
  std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  return sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof rest);
}

// Adds those of one packet; nothing once the other end is closed.
std::optional<Rest> receive_some(int socket, std::vector<int>& descriptors) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_in_a_packet)> control{};
  Rest rest = 0;
  iovec data{&rest, sizeof rest};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t n = 0;
  do n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"  // in musl's macro
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
#pragma GCC diagnostic pop
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = descriptors.size();
    descriptors.resize(before + count);
    std::memcpy(descriptors.data() + before, CMSG_DATA(header), count * sizeof(int));
  }
  return n == static_cast<ssize_t>(sizeof rest) ? std::optional(rest) : std::nullopt;
}

void close_all(const std::vector<int>& descriptors) {
  for (const int one : descriptors) close(one);
}

// A memory file with that content; -1 if there is no memory.
int memory_file(std::string_view content) {
  const int file = memfd_create("tunnel", MFD_CLOEXEC);
  while (file >= 0 && !content.empty()) {
    const ssize_t n = write(file, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      close(file);
      return -1;
    }
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return file;
}

std::optional<std::string> content_of(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0) return std::nullopt;
  std::string out(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t at = 0; at < out.size();) {
    const ssize_t n = pread(file, out.data() + at, out.size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    at += static_cast<std::size_t>(n);
  }
  return out;
}

}  // namespace

Result<std::pair<ControlSocket, ControlSocket>> ControlSocket::pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return Error{fmt::format("no socket pair can be made: {}", std::strerror(errno)),
                 "raise the limit of open files (ulimit -n)"};
  const timeval patience{5, 0};
  for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return std::pair(ControlSocket(ends[0]), ControlSocket(ends[1]));
}

std::optional<ControlSocket> ControlSocket::inherited(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr) return std::nullopt;
  const int socket = std::atoi(value);
  unsetenv(variable);
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
    return std::nullopt;
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  return ControlSocket(socket);
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)) {}

ControlSocket& ControlSocket::operator=(ControlSocket&& other) noexcept {
  std::swap(socket_, other.socket_);
  return *this;
}

ControlSocket::~ControlSocket() {
  if (socket_ >= 0) close(socket_);
}

bool ControlSocket::send(std::string_view text,
                         const std::vector<NativeSocket>& descriptors) const {
  const int file = memory_file(text);
  if (file < 0) return false;
  std::vector<int> all{file};
  all.insert(all.end(), descriptors.begin(), descriptors.end());
  bool sent = true;
  for (std::span<const int> left = all; sent && !left.empty();) {
    const auto some = left.first(std::min(left.size(), most_in_a_packet));
    left = left.subspan(some.size());
    sent = send_some(socket_, static_cast<Rest>(left.size()), some);
  }
  close(file);
  return sent;
}

std::optional<ControlSocket::Message> ControlSocket::receive() const {
  std::vector<int> descriptors;
  std::optional<Rest> rest;
  do rest = receive_some(socket_, descriptors);
  while (rest && *rest > 0);
  auto content = rest && !descriptors.empty() ? content_of(descriptors.front()) : std::nullopt;
  if (!content) {
    close_all(descriptors);
    return std::nullopt;
  }
  close(descriptors.front());
  descriptors.erase(descriptors.begin());
  return Message{std::move(*content), std::move(descriptors)};
}

bool ControlSocket::send_packet(std::string_view text) const {
  return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

std::string ControlSocket::receive_packet() const {
  std::string out(4096, '\0');
  ssize_t n = 0;
  do n = recv(socket_, out.data(), out.size(), 0);
  while (n < 0 && errno == EINTR);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return out;
}

void ControlSocket::end() const { shutdown(socket_, SHUT_RDWR); }

}  // namespace tunnel::os
