// All services of a configuration on their workers, from the first bind to the last connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/signal_set.hpp>

#include "config/config.hpp"
#include "log/log.hpp"
#include "net/deadline.hpp"
#include "os/service/reload_event.hpp"
#include "os/service/service_manager.hpp"
#include "relay/traffic_stats.hpp"
#include "relay/worker.hpp"
#include "server/config_loader.hpp"
#include "server/health_monitor.hpp"
#include "server/live_status.hpp"
#include "server/runtime_config.hpp"
#include "server/sandbox_policy.hpp"
#include "server/service_manager_notifier.hpp"
#include "server/service_set.hpp"

namespace tunnel {

// Where a service listens.
struct Listening {
  std::string service;
  std::vector<net::Endpoint> addresses;
};

class Server {
 public:
  // Who heeds SIGTERM, SIGINT and SIGHUP.
  enum class Signals { own, others };

  // Reloads with `loader`, on a thread of its own. Sandbox, log and manager outlive the server.
  Server(const config::Process& process, ConfigLoader loader, const Sandbox& sandbox, Log& log,
         const os::ServiceManager& manager);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds all services' addresses. Either all listen, or none does and the log has said which could
  // not.
  bool listen(RuntimeConfig runtime);

  // Serves until SIGTERM or SIGINT, then until the connections are over, bounded by drain_timeout;
  // a second signal resets what is left. SIGHUP, or what stands for it on Windows, loads the
  // configuration again, or ends it as SIGTERM does where its terminal is gone; SIGUSR1 logs the
  // status. Returns whether there was such a second signal.
  // With the signals of others, end() is what ends it.
  bool run(Signals signals);

  // Where all services listen; between listen() and run().
  std::vector<Listening> listening() const;

  // What SIGTERM does, and at the second time a second one; on any thread, until run() is over.
  void end(std::string cause);

  // What it has carried and carries now. From any thread.
  Totals traffic() const;

 private:
  void wait_for_signal();
  void hang_up_or_reload();
  void listen_for_requests();
  void end_now(std::string_view cause);
  void reload(std::string_view cause);
  void finish_reload(LoadedConfig loaded);
  void apply(RuntimeConfig runtime);
  void refuse_reload(std::size_t mistakes);
  void say_what_needs_a_restart(const config::Process& wanted);
  void change_log(const config::LogConfig& wanted);
  void log_status();
  void drain(std::string_view cause);
  void cut_all(const std::string& why);
  void finish_if_idle();
  std::string status() const;

  config::Process process_;
  const ConfigLoader loader_;
  const Sandbox& sandbox_;
  Log& log_;
  const os::ServiceManager& manager_;
  std::vector<std::unique_ptr<Worker>>
      workers_;  // the first is home: it runs on the caller's thread
  ServiceSet services_;
  ServiceManagerNotifier notifier_;
  LiveStatus status_;
  std::optional<BoundListeners> bound_;  // between listen() and run(), as the next
  std::optional<LiveStatus::Bound> status_bound_;
  std::vector<asio::executor_work_guard<net::Executor>> guards_;
  std::vector<std::thread> threads_;
  asio::signal_set signals_;
  std::unique_ptr<os::ReloadEvent> reload_event_;
  net::Deadline drain_deadline_;
  HealthMonitor health_monitor_;
  std::thread loading_thread_;
  bool loading_ = false;
  std::string asked_again_;  // by whom for a reload, while one was under way
  bool draining_ = false;
  bool hurried_ = false;
  std::size_t to_finish_ = 0;  // connections that there were when draining began
  std::size_t cut_ = 0;        // of them, those that were reset
};

}  // namespace tunnel
