// One service: its connections and their limit, under terms that a reload may change.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/service_log.hpp"
#include "net/deadline.hpp"
#include "net/io.hpp"
#include "relay/admission.hpp"
#include "relay/service_counters.hpp"
#include "relay/upstream_pool.hpp"
#include "relay/worker.hpp"
#include "server/certificate_monitor.hpp"
#include "server/connection_sink.hpp"
#include "server/runtime_config.hpp"
#include "server/service_schedule.hpp"
#include "server/stats_collector.hpp"
#include "status/snapshot.hpp"

namespace tunnel {

class Listener;

// Lives on the home worker's thread; connections are spread over all workers.
class Service final : public ConnectionSink {
 public:
  // Workers and log outlive the service, which must outlive its connections. `idle` is called each
  // time when the last of what it has to do has ended.
  Service(ServiceSnapshot terms, const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
          std::function<void()> idle);

  // For connections from now on; those that there are keep what they have.
  void renew(ServiceSnapshot terms);
  // Which listeners are its, and says so in the log where that is news.
  void announce(std::vector<std::shared_ptr<Listener>> listeners);
  // Some of them are others now, at the same address.
  void replace(const std::vector<std::shared_ptr<Listener>>& old,
               const std::vector<std::shared_ptr<Listener>>& fresh);
  // Takes no more connections; live ones go on, up to the closing time.
  void close();
  // What it keeps ready may lead nowhere any more.
  void on_network_change();
  // Likewise, where it was opened from an address that has gone.
  void on_address_gone();
  // Its closing time has come: it has closed its listeners and cut its connections. Under settings
  // that say the same it stays closed.
  bool over() const { return over_; }
  bool stays_closed(const config::Service& settings) const {
    return over_ && closing_->same(settings);
  }

  status::ServiceStatus status(const StatsCollection::Sum& sum) const;
  std::shared_ptr<const WorkerCounters> counters() const { return counters_; }

  net::Awaitable<bool> wait_for_slot() override;
  Target next_worker() override;
  bool admits(const net::Endpoint& from) override { return admission_->admits(from); }
  void begin(std::size_t worker, const net::Endpoint& from, net::Socket socket) override;
  bool make_room() override { return admission_->make_room(); }
  const ServiceLog& log() const override { return log_; }

  std::size_t active() const { return active_; }
  // Nothing of it is left but what renew() or a listener could begin.
  bool idle() const { return active_ == 0 && leaving_ == 0; }
  const std::string& name() const { return terms_->settings->name; }
  const config::Service& settings() const { return *terms_->settings; }

 private:
  void open_warm();
  void close_warm();
  void ended();
  void say_listening(const std::string& message, const std::vector<std::string>& listen,
                     const std::vector<std::string>& connect);
  void watch_clock();
  void close_for_good();
  void tell_every_minute();
  void take(ServiceSnapshot terms);
  void watch_certificate();
  void look_at_certificate();

  std::shared_ptr<const ServiceSnapshot> terms_;  // its connections have it, too
  const std::shared_ptr<LoadBalancer> targets_;
  std::optional<CertificateMonitor> certificate_monitor_;  // of the own certificate
  const std::shared_ptr<Admission> admission_;
  const std::shared_ptr<WorkerCounters> counters_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const ServiceLog log_;
  const std::function<void()> idle_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  // Of the first workers; none where nothing is kept ready.
  std::vector<std::shared_ptr<UpstreamPool>> warm_;
  std::size_t leaving_ = 0;  // of them that have yet to say goodbye
  net::Timer slot_free_;
  std::optional<ServiceSchedule> closing_;  // once it listens
  net::Deadline clock_;                     // when to look at it again
  net::Deadline minute_;
  std::string announced_;
  std::size_t active_ = 0;
  std::size_t next_worker_ = 0;
  std::uint64_t last_id_ = 0;
  bool closed_ = false;
  bool over_ = false;
  bool full_ = false;  // said so in the log
};

// "3 connections".
std::string connections_text(std::size_t n);

}  // namespace tunnel
