// The worker's end of the line to its keeper.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <thread>

#include "os/process/control_socket.hpp"
#include "server/keeper_order.hpp"

namespace tunnel {

class KeeperLink {
 public:
  explicit KeeperLink(os::ControlSocket socket) : socket_(std::move(socket)) {}
  ~KeeperLink();
  KeeperLink(const KeeperLink&) = delete;
  KeeperLink& operator=(const KeeperLink&) = delete;

  // Calls `obey` on a separate thread for each order, and with nothing once the keeper is gone.
  // Throws std::system_error if no thread can be started.
  void listen(std::function<void(std::optional<KeeperOrder>)> obey);
  // No more calls from here on.
  void stop();

  // Answers the last reload or renewal: whether it is in use now.
  void report(bool taken) const;

  os::NativeSocket handle() const { return socket_.handle(); }

 private:
  os::ControlSocket socket_;
  std::thread thread_;
};

}  // namespace tunnel
