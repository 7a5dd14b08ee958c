// All services of a configuration on their workers, from the first bind to the last connection.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/signal_set.hpp>

#include "base/log.hpp"
#include "config/config.hpp"
#include "net/deadline.hpp"
#include "tls/context.hpp"
#include "tunnel/service.hpp"
#include "tunnel/worker.hpp"

namespace tunnel {

class Server {
 public:
  // `contexts` has one for each service, null for plain ones. Config and log outlive the server.
  Server(const config::Config& config,
         const std::vector<std::shared_ptr<const tls::Context>>& contexts, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds all services' addresses. Either all listen, or none does and the log has said which could
  // not.
  bool listen();

  // Serves until SIGTERM or SIGINT, then until the connections are over, bounded by drain_timeout;
  // a second signal resets what is left. Returns whether there was such a second one.
  bool run();

 private:
  void wait_for_signal();
  void drain(std::string_view cause);
  void cut_all(const std::string& why);
  void finish_if_idle();
  std::size_t active() const;

  const config::Config& config_;
  Log& log_;
  std::vector<std::unique_ptr<Worker>>
      workers_;  // the first is home: it runs on the caller's thread
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<asio::executor_work_guard<net::Executor>> guards_;
  std::vector<std::thread> threads_;
  asio::signal_set signals_;
  net::Deadline drain_deadline_;
  bool draining_ = false;
  bool hurried_ = false;
};

}  // namespace tunnel
