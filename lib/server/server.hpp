// The services of a configuration and their workers, from binding to the last connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
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
#include "log/log_sink.hpp"
#include "net/deadline.hpp"
#include "os/service/reload_event.hpp"
#include "os/service/service_manager.hpp"
#include "relay/traffic_stats.hpp"
#include "relay/worker.hpp"
#include "server/config_loader.hpp"
#include "server/credential_renewer.hpp"
#include "server/handed_listeners.hpp"
#include "server/health_monitor.hpp"
#include "server/held_listeners.hpp"
#include "server/keeper_link.hpp"
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
  // Who handles SIGTERM, SIGINT and SIGHUP: the server or its caller.
  enum class Signals { own, others };

  // Reloads with `loader`, on a thread of its own. Sandbox, log and manager outlive the server.
  // With a keeper, orders come from it in place of signals.
  Server(const config::Process& process, ConfigLoader loader, const Sandbox& sandbox, Log& log,
         const os::ServiceManager& manager, KeeperLink* keeper = nullptr);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds the addresses of all services. If any fails, none listens, and the log says which failed.
  bool listen(RuntimeConfig runtime);
  // The same with the sockets that the keeper has bound.
  bool listen(RuntimeConfig runtime, const std::vector<HandedAddress>& handed,
              const std::vector<BindRefusal>& refusals);

  // Serves until SIGTERM or SIGINT, then drains: waits for connections to end, for up to
  // drain_timeout. A second signal resets those that are left; returns whether there was one.
  // SIGHUP (on Windows, an event) reloads the configuration; if the terminal has hung up, it
  // drains. SIGUSR1 logs the status. With Signals::others, only end() stops it.
  bool run(Signals signals);

  // Where the services listen. Call between listen() and run().
  std::vector<Listening> listening() const;

  // Does what SIGTERM does; a second call, what a second signal does. From any thread, until run()
  // returns.
  void end(std::string cause);

  // What end_unused() waits for, or that nothing came.
  enum class Waiting { first_connection, last_connection, nothing_came };
  // Does what end() does once a connection has come and no more is open. If none comes within
  // `patience`, ends too. Calls `report` on another thread if it has to wait, and when it has
  // waited for nothing. From any thread, until run() returns.
  void end_unused(std::string cause, std::chrono::milliseconds patience,
                  std::function<void(Waiting)> report);

  // Bytes and connections so far. From any thread.
  Totals traffic() const;

 private:
  // By a reload; null for standard error.
  using OpenedLog = Result<std::unique_ptr<LogSink>>;

  void commit(BoundListeners bound);
  void wait_for_signal();
  void on_sighup();
  void watch_requests();
  void stop(std::string_view cause);
  void obey(std::optional<KeeperOrder> order);  // nothing: the keeper has ended
  void leave(const std::string& cause);
  void take(KeeperOrder order);
  void renew(std::vector<std::filesystem::path> changed, const os::FileView& files);
  void reload(std::string_view cause);
  void start_loading(std::string_view cause, const os::FileView& files);
  void report(bool taken);
  void finish_reload(LoadedConfig loaded, OpenedLog log);
  void apply(RuntimeConfig runtime, OpenedLog log);
  void log_refusal(std::string_view event, const BindRefusal& refusal);
  void refuse_reload(const std::vector<BindRefusal>& refusals);
  void refuse_reload(std::size_t mistakes);
  void log_restart_needed(const config::Process& wanted) const;
  void change_log(const Log::Settings& settings, OpenedLog log);
  void log_status();
  void drain(std::string_view cause);
  void reset_all(const std::string& why);
  void await_first_connection(std::chrono::milliseconds patience);
  void await_last_connection();
  void end_if_unused();
  void finish_if_idle();
  std::string status() const;

  config::Process process_;
  const ConfigLoader loader_;
  const Sandbox& sandbox_;
  Log& log_;
  const os::ServiceManager& manager_;
  std::vector<std::unique_ptr<Worker>> workers_;  // the first, home, runs on the caller's thread
  DescriptorBudget descriptors_;
  ServiceSet services_;
  ServiceManagerNotifier notifier_;
  LiveStatus status_;
  std::optional<BoundListeners> bound_;  // this and the next: between listen() and run()
  std::optional<LiveStatus::Bound> status_bound_;
  std::vector<asio::executor_work_guard<net::Executor>> guards_;
  std::vector<std::thread> threads_;
  asio::signal_set signals_;
  std::unique_ptr<os::ReloadEvent> reload_event_;
  net::Deadline drain_deadline_;
  net::Deadline unused_deadline_;
  std::function<void(Waiting)> report_waiting_;  // set while end_unused() waits
  std::string unused_cause_;
  std::chrono::milliseconds unused_pause_{0};  // how long it must be unused
  HealthMonitor health_monitor_;
  CredentialRenewer renewer_;
  KeeperLink* const keeper_;
  HandedListeners handed_;             // of the reload under way
  std::vector<BindRefusal> refusals_;  // likewise
  std::thread loading_thread_;
  bool loading_ = false;
  std::string pending_reload_;  // the cause of one that was requested during another
  bool draining_ = false;
  bool stopped_at_once_ = false;  // by a second signal
  std::size_t to_drain_ = 0;      // connections when draining began
  std::size_t reset_ = 0;         // how many of them were reset
};

}  // namespace tunnel
