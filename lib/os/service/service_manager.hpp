// The service manager that started this program: notifications to it, and sockets passed by it, by
// sd_notify(3) and sd_listen_fds(3) or the service API of Windows.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "log/log_sink.hpp"
#include "os/net/socket.hpp"

namespace tunnel::os {

class ServiceManager {
 public:
  enum class Request { reload, stop };

  // No service manager: notifications do nothing.
  ServiceManager() = default;
  // The manager that the environment names. Removes the variables, so that child processes don't
  // use them; call it before there are threads.
  static Result<ServiceManager> from_environment();
  // Sends notifications to another process of this program, over a copy of this socket, as often as
  // `other` wants them.
  static ServiceManager over(NativeSocket socket, const ServiceManager& other);

  ServiceManager(ServiceManager&& other) noexcept;
  ServiceManager& operator=(ServiceManager&& other) noexcept;
  ~ServiceManager();

  bool present() const { return notify_ >= 0; }
  // The longest time between two calls of alive() that it accepts; zero if it has no watchdog.
  std::chrono::microseconds watchdog() const { return watchdog_; }

  // Its log, where it gives the program no standard error: Windows' Event Log, which keeps errors
  // and warnings. Null elsewhere.
  std::unique_ptr<LogSink> log() const;

  // Calls `handler` on another thread when the manager asks for something; {} removes it. Only
  // Windows asks, the others send signals.
  void on_request(std::function<void(Request)> handler) const;

  // Notifications; `status` is a line for people.
  void ready(std::string_view status) const;
  void reloading(std::string_view status) const;
  // The program needs up to `patience` to stop; zero: unknown.
  void stopping(std::string_view status, std::chrono::milliseconds patience) const;
  void alive(std::string_view status) const;

  // The variables ("NAME=value") by which another program finds the manager.
  std::vector<std::string> environment() const;

  // Notifications as another process has written them.
  void relay(const std::string& message) const;

  // Duplicates of the listening stream sockets that were passed under this name; the caller owns
  // them. An error says why there are none.
  Result<std::vector<NativeSocket>> sockets(std::string_view name) const;

 private:
  struct Passed {
    std::string name;
    NativeSocket socket;
  };

  void notify(std::string message) const;
  void close_all();

  std::string address_;  // the manager's, as in sockaddr_un
  int notify_ = -1;      // a socket; on Windows 0 means that there is a manager
  std::chrono::microseconds watchdog_{0};
  std::vector<Passed> passed_;
};

}  // namespace tunnel::os
