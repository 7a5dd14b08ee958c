// The status of a service as values.
#include <algorithm>
#include <chrono>

#include "server/listener.hpp"
#include "server/service.hpp"

namespace tunnel {

namespace {

status::TargetStatus target_status(std::string name, const std::vector<TargetStats>& known) {
  status::TargetStatus out{std::move(name)};
  const auto found = std::ranges::find(known, out.name, &TargetStats::target);
  if (found == known.end()) return out;
  out.connects = found->connects;
  out.failures = found->failures;
  if (const auto& certificate = found->certificate)
    out.certificate =
        status::CertificateStatus{certificate->subject, certificate->issuer, certificate->expires};
  return out;
}

}  // namespace

status::ServiceStatus Service::status(const StatsCollection::Sum& sum) const {
  const config::Service& settings = this->settings();
  status::ServiceStatus out;
  out.name = name();
  out.mode = settings.connects_tls() ? "client" : settings.accepts_tls() ? "server" : "plain";
  out.state = expired_ ? "closed" : closed_ ? "leaving" : "open";
  for (const auto& listener : listeners_) out.listen.push_back(listener->text());
  for (const config::SocketAddress& target : settings.connect) out.connect.push_back(target.text());
  const auto now = LoadBalancer::Clock::now();
  out.reachable = load_balancer_->reachable(now);
  out.max_connections = settings.max_connections;
  out.accepted = last_id_;
  out.opened = sum.opened;
  out.failed = sum.failed;
  out.current = active_;
  out.open = sum.open;
  out.up = sum.up;
  out.down = sum.down;
  if (schedule_ && schedule_->is_set() && !expired_)
    out.closes_in = std::chrono::ceil<std::chrono::seconds>(
        std::max(schedule_->left(ServiceSchedule::now()), std::chrono::milliseconds(0)));
  if (certificate_monitor_)
    out.certificate =
        status::CertificateStatus{certificate_monitor_->subject(), snapshot_->certificate->issuer,
                                  certificate_monitor_->not_after()};
  for (const config::SocketAddress& target : settings.connect)
    out.targets.push_back(target_status(target.text(), sum.stats.targets));
  for (std::size_t i = 0; i < out.targets.size(); ++i)
    out.targets[i].up = load_balancer_->reachable(settings.connect[i], now);
  out.handshakes = sum.stats.handshakes;
  out.connect_times = sum.stats.connect_times;
  return out;
}

}  // namespace tunnel
