// Syslog over UNIX sockets, and datagrams for UDP, by POSIX. Datagram sockets are made at once and
// stay unconnected: a sandbox may allow no new ones, and the receiver may restart or move.
#include "os/net/syslog_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "log/syslog_sink.hpp"
#include "os/net/local_socket.hpp"
#include "os/net/syslog_server.hpp"

namespace tunnel::os {

namespace {

using Form = SyslogSink::Form;

constexpr auto journal_socket = "/run/systemd/journal/socket";
constexpr auto journal_syslog_socket = "/run/systemd/journal/dev-log";
// where syslog(3) writes on Linux, macOS and FreeBSD
constexpr std::array<std::string_view, 3> system_sockets = {"/dev/log", "/var/run/syslog",
                                                            "/var/run/log"};

#ifdef MSG_NOSIGNAL
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;
#endif

std::string words_of(int error) { return std::generic_category().message(error); }

// Why a message isn't sent; empty for no error.
std::string reason(const std::string& place, int error) {
  return error == 0 ? std::string() : fmt::format("{}: {}", place, send_error_text(error));
}

// A socket whose send() waits for a second at most; negative with errno if there is none.
int open_datagrams(int family) {
  const int out = socket(family, SOCK_DGRAM, 0);
  if (out < 0) return out;
  fcntl(out, F_SETFD, FD_CLOEXEC);
  const timeval patience{1, 0};
  setsockopt(out, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return out;
}

// Zero, or an errno.
int send_to(int socket, const std::string& message, const sockaddr* to, socklen_t size) {
  while (sendto(socket, message.data(), message.size(), no_signal, to, size) < 0)
    if (errno != EINTR) return errno;
  return 0;
}

sockaddr_un local_address(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  path.copy(out.sun_path, sizeof out.sun_path - 1);
  return out;
}

const sockaddr* general(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

class LocalDatagrams : public SyslogSink::Channel {
 public:
  LocalDatagrams(int socket, const std::string& path)
      : socket_(socket), place_("unix:" + one_line(path)), to_(local_address(path)) {}
  ~LocalDatagrams() override { close(socket_); }

  std::string send(const std::string& message) override {
    return reason(place_, send_to(socket_, message, general(to_), sizeof to_));
  }

 private:
  const int socket_;
  const std::string place_;
  const sockaddr_un to_;
};

// Connects again when the daemon has gone.
class LocalStream : public SyslogSink::Channel {
 public:
  explicit LocalStream(std::string path) : path_(std::move(path)) {}
  ~LocalStream() override { hang_up(); }

  std::string send(const std::string& message) override {
    if (is_closed()) hang_up();
    if (const int error = socket_ < 0 ? dial() : 0; error != 0) return reason(place(), error);
    const std::string frame = fmt::format("{} {}", message.size(), message);
    for (std::size_t sent = 0; sent < frame.size();) {
      const ssize_t n = ::send(socket_, frame.data() + sent, frame.size() - sent, no_signal);
      if (n >= 0) {
        sent += static_cast<std::size_t>(n);
      } else if (errno != EINTR && !((errno == EAGAIN || errno == EWOULDBLOCK) && has_room())) {
        const int error = errno;
        // half a frame would spoil the next one
        if (sent > 0 || (error != EAGAIN && error != EWOULDBLOCK)) hang_up();
        return reason(place(), error);
      }
    }
    return {};
  }

 private:
  int dial() {
    const LocalConnection made = connect_local(path_);
    if (made.code == 0) socket_ = made.socket;
    return made.code;
  }
  bool is_closed() const {
    char byte = 0;
    return socket_ >= 0 && recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }
  // Keeps errno.
  bool has_room() const {
    const int error = errno;
    pollfd ready{socket_, POLLOUT, 0};
    const bool out = poll(&ready, 1, 1000) > 0;
    errno = error;
    return out;
  }
  void hang_up() {
    if (socket_ >= 0) close(std::exchange(socket_, -1));
  }
  std::string place() const { return "unix:" + one_line(path_); }

  const std::string path_;
  int socket_ = -1;
};

// Zero if datagrams can be sent there, EPROTOTYPE for a stream socket, or another errno.
int try_datagrams(const std::string& path) {
  const int probe = open_datagrams(AF_UNIX);
  if (probe < 0) return errno;
  const sockaddr_un to = local_address(path);
  const int error = connect(probe, general(to), sizeof to) == 0 ? 0 : errno;
  close(probe);
  return error;
}

Error no_daemon(const std::string& path, int error) {
  const auto refused = [&](std::string_view why, std::string hint) {
    return Error{fmt::format("cannot log to unix:{}: {}", one_line(path), why), std::move(hint)};
  };
  struct stat there {};
  if (error == ENOENT)
    return refused("there is no such socket",
                   "start the syslog daemon, such as rsyslogd, or name the socket at which it "
                   "listens");
  if (stat(path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode))
    return refused("that is no socket", "name the socket at which the syslog daemon listens");
  if (error == ECONNREFUSED)
    return refused("no program listens at this socket",
                   "start the syslog daemon, such as rsyslogd");
  if (error == EAFNOSUPPORT)
    return refused("the sandbox allows no new sockets of this kind",
                   "restart the tunnel to take it in");
  if (error == EACCES) return refused(words_of(error), "may this user write to it?");
  return refused(words_of(error), "");
}

std::unique_ptr<LogSink> datagrams(const std::string& path, Form form) {
  const int socket = open_datagrams(AF_UNIX);
  if (socket < 0) return nullptr;
  constexpr std::size_t longest = 8192;
  return std::make_unique<SyslogSink>(form, syslog_origin(longest),
                                      std::make_unique<LocalDatagrams>(socket, path));
}

Form form_at(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  const auto is_one = [](const std::string& name) {
    return std::ranges::find(system_sockets, name) != system_sockets.end();
  };
  if (!error && real == journal_syslog_socket) return Form::journal;
  return is_one(path) || (!error && is_one(real.string())) ? Form::local : Form::rfc5424;
}

}  // namespace

bool is_stream_socket(const std::string& path) { return try_datagrams(path) == EPROTOTYPE; }

std::unique_ptr<LogSink> journal() {
  return try_datagrams(journal_socket) == 0 ? datagrams(journal_socket, Form::journal) : nullptr;
}

Result<std::unique_ptr<LogSink>> local_syslog(const std::string& path) {
  Form form = form_at(path);
  if (form == Form::journal) {
    if (auto sink = journal()) return sink;
    form = Form::local;
  }
  const int error = try_datagrams(path);
  if (error == 0)
    if (auto sink = datagrams(path, form)) return sink;
  if (error != EPROTOTYPE) return no_daemon(path, error == 0 ? errno : error);
  const LocalConnection probe = connect_local(path);
  if (probe.code == 0) close(probe.socket);
  if (probe.code != 0 && probe.code != EAGAIN) return no_daemon(path, probe.code);
  constexpr std::size_t longest = 8192;
  return std::unique_ptr<LogSink>(std::make_unique<SyslogSink>(
      form, syslog_origin(longest), std::make_unique<LocalStream>(path)));
}

void start_networking() {}

int send_datagram(NativeSocket& socket, int family, const std::string& message, const void* address,
                  std::size_t size) {
  if (socket == no_socket) socket = open_datagrams(family);
  if (socket == no_socket) return errno;
  return send_to(socket, message, static_cast<const sockaddr*>(address),
                 static_cast<socklen_t>(size));
}

std::string send_error_text(int error) {
  const bool full = error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
  return full ? "the receiver isn't reading" : std::generic_category().message(error);
}

std::string resolve_error_text(int error) { return gai_strerror(error); }

SyslogOrigin syslog_origin(std::size_t longest) {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) name[0] = '\0';
  return {name.data(), fmt::format("{}", getpid()), longest};
}

}  // namespace tunnel::os
