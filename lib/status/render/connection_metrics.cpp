// Metrics of handshakes, targets, and the times that they take.
#include <fmt/format.h>

#include "status/render/metrics_text.hpp"

namespace tunnel::status {

namespace {

bool has_tls(const ServiceStatus& service) { return service.mode != "plain"; }

std::string side_label(const ServiceStatus& service) {
  return fmt::format("{},side=\"{}\"", MetricsText::label(service), service.mode);
}

std::string target_label(const ServiceStatus& service, const TargetStatus& target) {
  return fmt::format("{},target=\"{}\"", MetricsText::label(service),
                     MetricsText::escaped(target.name));
}

void add_handshakes(MetricsText& page, const Snapshot& snapshot) {
  page.family("tunnel_handshakes_total", "counter",
              "TLS handshakes that succeeded; side is the role of this end.");
  for (const ServiceStatus& service : snapshot.services)
    for (const auto& [kind, count] : service.handshakes.done)
      page.sample(
          fmt::format(R"({},version="{}",suite="{}",group="{}",resumed="{}")", side_label(service),
                      kind.version, kind.suite, kind.group, kind.resumed ? "true" : "false"),
          count);
  page.family("tunnel_handshake_failures_total", "counter", "TLS handshakes that failed.");
  for (const ServiceStatus& service : snapshot.services)
    for (std::size_t i = 0; has_tls(service) && i < tls::failure_causes; ++i)
      page.sample(fmt::format("{},cause=\"{}\"", side_label(service),
                              name_of(static_cast<tls::FailureCause>(i))),
                  service.handshakes.failures[i]);
  page.family("tunnel_handshake_duration_seconds", "histogram",
              "How long successful TLS handshakes took, from the first byte.");
  for (const ServiceStatus& service : snapshot.services)
    if (has_tls(service)) page.sample(side_label(service), service.handshakes.times);
}

void add_targets(MetricsText& page, const Snapshot& snapshot) {
  const auto each_target = [&](const auto& add) {
    for (const ServiceStatus& service : snapshot.services)
      for (const TargetStatus& target : service.targets) add(target_label(service, target), target);
  };
  page.family("tunnel_target_up", "gauge",
              "Whether the target can be reached, as far as the last attempt tells.");
  each_target([&](const std::string& label, const TargetStatus& target) {
    page.sample(label, std::uint64_t{target.up ? 1U : 0U});
  });
  page.family("tunnel_target_connects_total", "counter",
              "Connections to the target that succeeded, with their TLS handshake.");
  each_target([&](const std::string& label, const TargetStatus& target) {
    page.sample(label, target.connects);
  });
  page.family("tunnel_target_connect_failures_total", "counter",
              "Connections to the target that failed, or whose TLS handshake did.");
  each_target([&](const std::string& label, const TargetStatus& target) {
    for (std::size_t i = 0; i < target_failures; ++i)
      page.sample(fmt::format("{},cause=\"{}\"", label, name_of(static_cast<TargetFailure>(i))),
                  target.failures[i]);
  });
  page.family("tunnel_target_certificate_expiry_timestamp_seconds", "gauge",
              "When the certificate that the target last showed ends, in Unix time.");
  each_target([&](const std::string& label, const TargetStatus& target) {
    if (target.certificate)
      page.sample(label,
                  static_cast<double>(target.certificate->not_after.time_since_epoch().count()));
  });
  page.family("tunnel_connect_duration_seconds", "histogram",
              "How long it took to resolve and reach a target, without TLS.");
  for (const ServiceStatus& service : snapshot.services)
    page.sample(MetricsText::label(service), service.connect_times);
}

}  // namespace

void add_connection_metrics(MetricsText& page, const Snapshot& snapshot) {
  add_handshakes(page, snapshot);
  add_targets(page, snapshot);
}

}  // namespace tunnel::status
