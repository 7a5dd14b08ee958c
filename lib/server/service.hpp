// One service: accepts connections up to its limit, under settings that a reload may change.
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
#include "server/service_schedule.hpp"
#include "server/stats_collector.hpp"
#include "status/snapshot.hpp"

namespace tunnel {

class Listener;

// Lives on the home worker's thread; its connections are spread over all workers.
class Service final : public ConnectionSink {
 public:
  // Workers, log and budget outlive the service, and the service outlives its connections.
  // `on_idle` is called each time that it becomes idle().
  Service(ServiceSnapshot snapshot, const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
          DescriptorBudget& descriptors, std::function<void()> on_idle);

  // For new connections; open ones keep the snapshot they began with.
  void apply(ServiceSnapshot snapshot);
  // Sets its listeners, and logs where it listens and connects unless that is as before.
  void set_listeners(std::vector<std::shared_ptr<Listener>> listeners);
  // Logs what clients will refuse in its certificate, unless that is as before.
  void set_certificate_doubts(const std::vector<Error>& doubts);
  // Replaces those whose address was bound again.
  void replace_listeners(const std::vector<std::shared_ptr<Listener>>& old,
                         const std::vector<std::shared_ptr<Listener>>& fresh);
  // Accepts no more. Open connections may finish, up to the closing time.
  void close();
  // Preconnected upstreams may be dead.
  void on_network_change();
  // So may those that were opened from an address that is lost.
  void on_address_gone();

  // It accepts no more.
  bool closed() const { return closed_; }
  // The closing time has passed: its listeners are closed and its connections reset.
  bool expired() const { return expired_; }
  // It has expired, and these settings have the same closing time.
  bool stays_closed(const config::Service& settings) const {
    return expired_ && schedule_->matches(settings);
  }

  status::ServiceStatus status(const StatsCollection::Sum& sum) const;
  // Connections since the start.
  std::uint64_t accepted() const { return last_id_; }
  std::shared_ptr<const WorkerCounters> counters() const { return counters_; }

  net::Awaitable<bool> wait_for_slot() override;
  Target next_worker() override;
  bool admits(const net::Endpoint& from) override { return admission_->admits(from); }
  void begin(std::size_t worker, const net::Endpoint& from, net::Socket socket) override;
  bool make_room() override { return admission_->make_room(); }
  const ServiceLog& log() const override { return log_; }

  std::size_t active() const { return active_; }
  // No connection is open, and no pool is closing: once closed, it can be destroyed.
  bool idle() const { return active_ == 0 && closing_pools_ == 0; }
  const std::string& name() const { return snapshot_->settings->name; }
  const config::Service& settings() const { return *snapshot_->settings; }
  std::shared_ptr<const config::Service> shared_settings() const { return snapshot_->settings; }

 private:
  void set_snapshot(ServiceSnapshot snapshot);
  std::shared_ptr<ServiceCounters> counters_of(std::size_t worker) const;
  void open_pools();
  void close_pools();
  net::Awaitable<void> wait_for_descriptors();
  void on_connection_end();
  void check_schedule();
  void expire();
  void log_every_minute();
  void log_listening(const std::string& message, const std::vector<std::string>& listen,
                     const std::vector<std::string>& connect) const;
  void update_certificate_monitor();
  void check_certificate();

  std::shared_ptr<const ServiceSnapshot> snapshot_;  // shared with the connections
  const std::shared_ptr<LoadBalancer> load_balancer_;
  std::optional<CertificateMonitor> certificate_monitor_;
  std::vector<std::string> doubts_;  // about its certificate
  const std::shared_ptr<Admission> admission_;
  DescriptorBudget& descriptors_;
  const std::shared_ptr<WorkerCounters> counters_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const ServiceLog log_;
  const std::function<void()> on_idle_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  // One for each of the first workers; empty unless the service preconnects.
  std::vector<std::shared_ptr<UpstreamPool>> upstream_pools_;
  std::size_t closing_pools_ = 0;
  net::Timer slot_free_;
  std::optional<ServiceSchedule> schedule_;  // from the first set_listeners() on
  net::Deadline schedule_timer_;
  net::Deadline minute_timer_;
  std::string announced_;
  std::size_t active_ = 0;
  std::size_t next_worker_ = 0;
  std::uint64_t last_id_ = 0;
  bool closed_ = false;
  bool expired_ = false;
  bool full_logged_ = false;
  bool starved_logged_ = false;
};

}  // namespace tunnel
