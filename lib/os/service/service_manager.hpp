// The service manager that has started this program: what it is told, and the sockets that it has
// handed over; by the protocols of sd_notify(3) and sd_listen_fds(3), or by Windows's own.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "os/net/socket.hpp"

namespace tunnel::os {

class ServiceManager {
 public:
  enum class Request { reload, stop };

  // Nobody: what is told goes nowhere.
  ServiceManager() = default;
  // Whoever the environment names for this process. The variables are removed, so that no child
  // takes them for its own: to be called before there are threads.
  static Result<ServiceManager> from_environment();

  ServiceManager(ServiceManager&& other) noexcept;
  ServiceManager& operator=(ServiceManager&& other) noexcept;
  ~ServiceManager();

  bool present() const { return notify_ >= 0; }
  // How often it wants to hear that all is well, at least; zero where it does not.
  std::chrono::microseconds watchdog() const { return watchdog_; }

  // Calls `asked`, on another thread, when the manager wants that, and nobody once this is called
  // with {}. Only Windows's asks: the others send signals.
  void on_request(std::function<void(Request)> asked) const;

  // Each with a line for people.
  void ready(std::string_view status) const;
  void reloading(std::string_view status) const;
  // It needs up to `patience` to end; zero says nothing of it.
  void stopping(std::string_view status, std::chrono::milliseconds patience) const;
  void alive(std::string_view status) const;

  // The listening stream sockets that it has passed under that name, each a descriptor that is the
  // caller's; they can be asked for again. An error says why there are none.
  Result<std::vector<NativeSocket>> sockets(std::string_view name) const;

 private:
  struct Passed {
    std::string name;
    NativeSocket socket;
  };

  void tell(std::string message) const;
  void close_all();

  std::string address_;  // as sockaddr_un has it, of the manager
  int notify_ = -1;      // a socket; on Windows 0 stands for its manager
  std::chrono::microseconds watchdog_{0};
  std::vector<Passed> passed_;
};

}  // namespace tunnel::os
