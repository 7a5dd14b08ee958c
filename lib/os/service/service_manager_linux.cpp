// systemd and compatible managers: datagrams to NOTIFY_SOCKET, descriptors from 3 on.
#include "os/service/service_manager.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace tunnel::os {

namespace {

constexpr int first_passed = 3;
constexpr int most_passed = 4096;  // more can only be a mistake

// Returns the variable and removes it.
std::optional<std::string> take_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string out = value;
  unsetenv(name);
  return out;
}

template <typename T>
std::optional<T> number(const std::optional<std::string>& text) {
  T value{};
  if (!text || text->empty()) return std::nullopt;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

socklen_t fill(const std::string& address, sockaddr_un& out) {
  out.sun_family = AF_UNIX;
  std::memcpy(out.sun_path, address.data(), address.size());
  // an abstract name is not terminated
  const std::size_t end = address.front() == '\0' ? 0 : 1;
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + end);
}

int option(int socket, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// The reason why this is not a listening stream socket; empty if it is.
std::string_view mistake_in(int socket) {
  if (fcntl(socket, F_GETFD) < 0) return "is not open";
  const int type = option(socket, SO_TYPE);
  if (type < 0) return "is no socket";
  if (type != SOCK_STREAM) return "is no stream socket: a socket unit says ListenStream=";
  if (option(socket, SO_ACCEPTCONN) != 1)
    return "does not listen: a socket unit says ListenStream= and Accept=no";
  const int family = option(socket, SO_DOMAIN);
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
    return "is neither a TCP nor a UNIX socket";
  return {};
}

std::vector<std::string> names_of(const std::optional<std::string>& text, int count) {
  if (!text) return std::vector<std::string>(static_cast<std::size_t>(count), "unknown");
  std::vector<std::string> out;
  for (std::string_view rest = *text;;) {
    const auto colon = rest.find(':');
    out.emplace_back(rest.substr(0, colon));
    if (colon == rest.npos) return out;
    rest.remove_prefix(colon + 1);
  }
}

// One line: a line feed would end the variable.
std::string status_line(std::string_view status) { return "STATUS=" + one_line(status); }

}  // namespace

Result<ServiceManager> ServiceManager::from_environment() {
  ServiceManager out;
  const auto address = take_variable("NOTIFY_SOCKET");
  const auto watchdog = number<std::uint64_t>(take_variable("WATCHDOG_USEC"));
  const auto watched = number<pid_t>(take_variable("WATCHDOG_PID"));
  const auto listen_pid = number<pid_t>(take_variable("LISTEN_PID"));
  const auto count = number<int>(take_variable("LISTEN_FDS"));
  const auto names = take_variable("LISTEN_FDNAMES");
  take_variable("LISTEN_PIDFDID");

  if (address && address->size() > 1) {
    out.address_ = *address;
    if (out.address_.front() == '@') out.address_.front() = '\0';
    if ((address->front() != '/' && address->front() != '@') ||
        address->size() >= sizeof(sockaddr_un::sun_path))
      return Error{
          fmt::format("NOTIFY_SOCKET: \"{}\" is no address of a UNIX socket", escaped(*address)),
          "the service manager sets it; unset it elsewhere"};
    out.notify_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un to{};
    const socklen_t size = fill(out.address_, to);
    // connect now, while the sandbox allows it; notify() retries
    if (out.notify_ >= 0) connect(out.notify_, reinterpret_cast<sockaddr*>(&to), size);
    if (watchdog && *watchdog > 0 && (!watched || *watched == getpid()))
      out.watchdog_ = std::chrono::microseconds(std::min<std::uint64_t>(*watchdog, 86'400'000'000));
  }

  if (!count || *count <= 0 || listen_pid != getpid()) return out;
  const auto all_names = names_of(names, std::min(*count, most_passed));
  if (*count > most_passed || all_names.size() != static_cast<std::size_t>(*count))
    return Error{fmt::format("LISTEN_FDS says {}, and LISTEN_FDNAMES has {} names", *count,
                             all_names.size()),
                 "the service manager sets both; unset them elsewhere"};
  for (int i = 0; i < *count; ++i) {
    fcntl(first_passed + i, F_SETFD, FD_CLOEXEC);
    out.passed_.push_back({all_names[static_cast<std::size_t>(i)], first_passed + i});
  }
  return out;
}

ServiceManager ServiceManager::over(NativeSocket socket, const ServiceManager& other) {
  ServiceManager out;
  out.notify_ = fcntl(socket, F_DUPFD_CLOEXEC, first_passed);
  out.watchdog_ = other.watchdog_;
  return out;
}

ServiceManager::ServiceManager(ServiceManager&& other) noexcept
    : address_(std::move(other.address_)),
      notify_(std::exchange(other.notify_, -1)),
      watchdog_(other.watchdog_),
      passed_(std::exchange(other.passed_, {})) {}

ServiceManager& ServiceManager::operator=(ServiceManager&& other) noexcept {
  if (this == &other) return *this;
  close_all();
  address_ = std::move(other.address_);
  notify_ = std::exchange(other.notify_, -1);
  watchdog_ = other.watchdog_;
  passed_ = std::exchange(other.passed_, {});
  return *this;
}

ServiceManager::~ServiceManager() { close_all(); }

void ServiceManager::close_all() {
  if (notify_ >= 0) close(notify_);
  for (const Passed& passed : passed_) close(passed.socket);
}

void ServiceManager::notify(std::string message) const {
  if (notify_ < 0) return;
  const auto sent = [&] {
    return send(notify_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
  };
  if (sent() || errno == EAGAIN || address_.empty()) return;
  // the manager has restarted meanwhile
  sockaddr_un to{};
  const socklen_t size = fill(address_, to);
  if (connect(notify_, reinterpret_cast<sockaddr*>(&to), size) == 0) sent();
}

std::unique_ptr<LogSink> ServiceManager::log() const { return nullptr; }

void ServiceManager::on_request(std::function<void(Request)>) const {}

void ServiceManager::ready(std::string_view status) const {
  notify("READY=1\n" + status_line(status));
}

void ServiceManager::reloading(std::string_view status) const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n{}",
                     std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000,
                     status_line(status)));
}

void ServiceManager::stopping(std::string_view status, std::chrono::milliseconds patience) const {
  std::string message = "STOPPING=1\n" + status_line(status);
  if (patience.count() > 0)
    message += fmt::format("\nEXTEND_TIMEOUT_USEC={}", patience.count() * 1000);
  notify(std::move(message));
}

void ServiceManager::alive(std::string_view status) const {
  notify("WATCHDOG=1\n" + status_line(status));
}

std::vector<std::string> ServiceManager::environment() const {
  if (address_.empty()) return {};
  std::string address = address_;
  if (address.front() == '\0') address.front() = '@';
  return {"NOTIFY_SOCKET=" + address, fmt::format("WATCHDOG_USEC={}", watchdog_.count())};
}

void ServiceManager::relay(const std::string& message) const { notify(message); }

Result<std::vector<NativeSocket>> ServiceManager::sockets(std::string_view name) const {
  std::vector<NativeSocket> out;
  std::vector<std::string> others;
  const auto give_up = [&](Error error) {
    for (const NativeSocket socket : out) close(socket);
    return error;
  };
  for (const Passed& passed : passed_) {
    if (passed.name != name) {
      const std::string quoted = fmt::format("\"{}\"", escaped(passed.name));
      if (std::find(others.begin(), others.end(), quoted) == others.end()) others.push_back(quoted);
      continue;
    }
    if (const auto wrong = mistake_in(passed.socket); !wrong.empty())
      return give_up(
          {fmt::format("what the service manager has passed as \"{}\" (descriptor {}) {}",
                       escaped(name), passed.socket, wrong)});
    const int own = fcntl(passed.socket, F_DUPFD_CLOEXEC, first_passed);
    if (own < 0)
      return give_up({fmt::format("the socket \"{}\" cannot be used: {}", escaped(name),
                                  std::strerror(errno))});
    out.push_back(own);
  }
  if (!out.empty()) return out;
  if (others.empty())
    return Error{fmt::format("no service manager has passed a socket named \"{}\"", escaped(name)),
                 fmt::format("start this by a systemd socket unit with FileDescriptorName={}, or "
                             "listen on a port instead",
                             escaped(name))};
  return Error{fmt::format("the service manager has passed {}, but no socket named \"{}\"",
                           joined_with_and(others), escaped(name)),
               fmt::format("its socket unit says FileDescriptorName={}", escaped(name))};
}

}  // namespace tunnel::os
