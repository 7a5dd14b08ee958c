// The metrics, by Prometheus's conventions: base units, and _total for counters.
#include <fmt/format.h>

#include "status/render/metrics_text.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

double unix_seconds(std::chrono::sys_time<std::chrono::milliseconds> time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

}  // namespace

std::string as_metrics(const Snapshot& snapshot) {
  MetricsText page(snapshot);
  page.family("tunnel_build_info", "gauge", "Always 1; the label says which version runs.");
  page.sample(fmt::format("version=\"{}\"", MetricsText::escaped(snapshot.version)),
              std::uint64_t{1});
  page.family("tunnel_start_time_seconds", "gauge", "When the program started, in Unix time.");
  page.sample("", unix_seconds(snapshot.started));
  page.family("tunnel_config_last_reload_successful", "gauge",
              "Whether the last attempt to load the configuration succeeded.");
  page.sample("", std::uint64_t{snapshot.last_reload_good ? 1U : 0U});
  page.family("tunnel_config_last_reload_success_timestamp_seconds", "gauge",
              "When the configuration in use was loaded, in Unix time.");
  page.sample("", unix_seconds(snapshot.loaded));
  page.family("tunnel_draining", "gauge", "Whether the program is stopping.");
  page.sample("", std::uint64_t{snapshot.draining ? 1U : 0U});

  page.services("tunnel_service_accepting", "gauge", "Whether the service takes connections.",
                [](const ServiceStatus& s) { return std::uint64_t{s.state == "open" ? 1U : 0U}; });
  page.family("tunnel_service_close_timestamp_seconds", "gauge",
              "When the service closes by open_for or until, in Unix time.");
  for (const ServiceStatus& service : snapshot.services)
    if (service.closes_in)
      page.sample(MetricsText::label(service), unix_seconds(snapshot.now + *service.closes_in));
  page.services("tunnel_connections_accepted_total", "counter",
                "Connections that clients have made.",
                [](const ServiceStatus& s) { return s.accepted; });
  page.services("tunnel_connections_opened_total", "counter",
                "Connections that reached their target.",
                [](const ServiceStatus& s) { return s.opened; });
  page.services(
      "tunnel_connections_failed_total", "counter",
      "Connections whose handshake or target failed, or whose target ended them without a "
      "byte.",
      [](const ServiceStatus& s) { return s.failed; });
  page.services("tunnel_connections_current", "gauge",
                "Connections that have not ended, the unfinished ones too.",
                [](const ServiceStatus& s) { return s.current; });
  page.services("tunnel_connections_open", "gauge", "Connections through which bytes can flow.",
                [](const ServiceStatus& s) { return s.open; });
  page.services("tunnel_service_reachable", "gauge",
                "Whether some target can be reached, as far as the last attempts tell.",
                [](const ServiceStatus& s) { return std::uint64_t{s.reachable ? 1U : 0U}; });
  page.services("tunnel_connections_max", "gauge", "The key max_connections.",
                [](const ServiceStatus& s) { return std::uint64_t{s.max_connections}; });
  page.family("tunnel_transferred_bytes_total", "counter",
              "Bytes of content that were carried; up is from the client to the target.");
  for (const ServiceStatus& service : snapshot.services) {
    page.sample(MetricsText::label(service) + ",direction=\"up\"", service.up);
    page.sample(MetricsText::label(service) + ",direction=\"down\"", service.down);
  }
  page.family("tunnel_certificate_expiry_timestamp_seconds", "gauge",
              "When the service's own certificate ends, in Unix time.");
  for (const ServiceStatus& service : snapshot.services)
    if (service.certificate)
      page.sample(MetricsText::label(service), unix_seconds(service.certificate->not_after));

  add_connection_metrics(page, snapshot);

  page.family("tunnel_log_messages_total", "counter", "Errors and warnings in the log.");
  page.sample("level=\"error\"", snapshot.log.errors);
  page.sample("level=\"warn\"", snapshot.log.warnings);
  page.family("tunnel_log_lost_lines_total", "counter",
              "Lines of the log that its sink did not take.");
  page.sample("", snapshot.log.lost);
  return page.text();
}

}  // namespace tunnel::status
