// The status over HTTP, on a thread of its own, so that a flood of requests can't slow connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"
#include "status/routes.hpp"
#include "status/snapshot.hpp"

namespace tunnel::status {

using SnapshotHandler = std::function<void(std::shared_ptr<const Snapshot>)>;
// Requests a snapshot. Called on the server's thread; the handler may be called on any, or never.
using RequestSnapshot = std::function<void(SnapshotHandler)>;

class StatusServer {
 public:
  // A client beyond the limit replaces the oldest. Requests within a snapshot's lifetime share it.
  struct Limits {
    std::size_t clients = 64;
    std::size_t head = 8192;                  // bytes of a request
    std::chrono::milliseconds timeout{5000};  // for a request and its response
    std::chrono::milliseconds lifetime{200};  // of a snapshot
  };

  // Binds, unless the sockets are `bound` already. Requests wait until start().
  static Result<std::unique_ptr<StatusServer>> open(const config::Status& wanted,
                                                    RequestSnapshot request_snapshot) {
    return open(wanted, std::move(request_snapshot), Limits());
  }
  static Result<std::unique_ptr<StatusServer>> open(const config::Status& wanted,
                                                    RequestSnapshot request_snapshot, Limits limits,
                                                    std::vector<net::Acceptor> bound = {});
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  void start();
  // For requests from now on. From any thread.
  void admit(RemoteAccess remote_access);
  const std::vector<std::string>& addresses() const;

 private:
  struct Core;
  explicit StatusServer(std::shared_ptr<Core> core);

  // A late snapshot must find it gone, so handlers hold it weakly.
  const std::shared_ptr<Core> core_;
  std::thread thread_;
};

}  // namespace tunnel::status
