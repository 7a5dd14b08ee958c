// The status over HTTP, on a thread of its own: whoever floods it is no burden to a connection.
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
#include "status/snapshot.hpp"

namespace tunnel::status {

using Answer = std::function<void(std::shared_ptr<const Snapshot>)>;
// Asks for a snapshot. Called on the server's thread; the answer may come on any, or not at all.
using Ask = std::function<void(Answer)>;

class Server {
 public:
  // Visitors beyond the limit replace the oldest. A snapshot serves all
  // who ask within its lifetime.
  struct Limits {
    std::size_t visitors = 64;
    std::size_t head = 8192;  // bytes of a request
    std::chrono::milliseconds patience{5000};
    std::chrono::milliseconds lifetime{200};  // of a snapshot
  };

  // Listens, and serves nobody before start().
  static Result<std::unique_ptr<Server>> open(const config::StatusListen& listen, Ask ask) {
    return open(listen, std::move(ask), Limits());
  }
  static Result<std::unique_ptr<Server>> open(const config::StatusListen& listen, Ask ask,
                                              Limits limits);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  const std::vector<std::string>& places() const;

 private:
  struct Core;
  explicit Server(std::shared_ptr<Core> core);

  // Answers that come late find it gone.
  const std::shared_ptr<Core> core_;
  std::thread thread_;
};

}  // namespace tunnel::status
