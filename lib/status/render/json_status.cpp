// The document at /status.
#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

std::string json(const CertificateStatus& certificate, Time now) {
  JsonObject out;
  out.add("subject", certificate.subject);
  out.add("issuer", certificate.issuer);
  out.add("not_after", rfc3339(certificate.not_after));
  const auto left = std::chrono::floor<std::chrono::seconds>(certificate.not_after - now);
  out.add("seconds_left", std::int64_t{left.count()});
  return out.text();
}

// Each cause with its count, also if that is zero.
template <class Cause, std::size_t N>
std::string json(const std::array<std::uint64_t, N>& failures) {
  JsonObject out;
  for (std::size_t i = 0; i < N; ++i) out.add(name_of(static_cast<Cause>(i)), number(failures[i]));
  return out.text();
}

std::string json(const TargetStatus& target, Time now) {
  JsonObject out;
  out.add("target", target.name);
  out.add("up", target.up);
  out.add("connects", number(target.connects));
  out.add_json("failures", json<TargetFailure>(target.failures));
  if (target.certificate) out.add_json("certificate", json(*target.certificate, now));
  return out.text();
}

std::string json(const DurationHistogram& times) {
  JsonObject out;
  out.add("count", number(times.count()));
  out.add_json("sum", fmt::format("{:.6f}", times.sum().count()));
  std::vector<std::string> buckets;
  for (std::size_t i = 0; i < times.buckets().size(); ++i) {
    JsonObject bucket;
    if (i < DurationHistogram::bounds.size())
      bucket.add_json("up_to", fmt::format("{}", DurationHistogram::bounds[i]));
    bucket.add("count", number(times.buckets()[i]));
    buckets.push_back(bucket.text());
  }
  out.add_json("buckets", json_array(buckets));
  return out.text();
}

std::string json(const HandshakeStats& handshakes) {
  std::vector<std::string> done;
  for (const auto& [kind, count] : handshakes.done) {
    JsonObject one;
    one.add("tls", kind.version);
    one.add("suite", kind.suite);
    one.add("group", kind.group);
    one.add("resumed", kind.resumed);
    one.add("count", number(count));
    done.push_back(one.text());
  }
  JsonObject out;
  out.add_json("done", json_array(done));
  out.add_json("failures", json<tls::FailureCause>(handshakes.failures));
  out.add_json("seconds", json(handshakes.times));
  return out.text();
}

std::string json(const ServiceStatus& service, Time now) {
  JsonObject out;
  out.add("service", service.name);
  out.add("mode", service.mode);
  out.add("state", service.state);
  if (service.closes_in) {
    out.add("closes", rfc3339(std::chrono::floor<std::chrono::seconds>(now) + *service.closes_in));
    out.add("seconds_left", std::int64_t{service.closes_in->count()});
  }
  out.add("listen", service.listen);
  out.add("connect", service.connect);
  out.add("reachable", service.reachable);
  out.add("max_connections", number(service.max_connections));
  out.add("accepted", number(service.accepted));
  out.add("opened", number(service.opened));
  out.add("failed", number(service.failed));
  out.add("current", number(service.current));
  out.add("open", number(service.open));
  out.add("up", number(service.up));
  out.add("down", number(service.down));
  if (service.certificate) out.add_json("certificate", json(*service.certificate, now));
  std::vector<std::string> targets;
  for (const TargetStatus& target : service.targets) targets.push_back(json(target, now));
  out.add_json("targets", json_array(targets));
  out.add_json("connect_seconds", json(service.connect_times));
  if (service.mode != "plain") out.add_json("handshakes", json(service.handshakes));
  return out.text();
}

std::string json(const ConnectionStatus& connection) {
  JsonObject out;
  out.add("service", connection.service);
  out.add("connection", number(connection.id));
  out.add("peer", connection.peer);
  if (!connection.client.empty()) out.add("client", connection.client);
  out.add("upstream", connection.upstream);
  out.add("upstream_address", connection.upstream_address);
  out.add("open", connection.open);
  out.add("seconds", connection.age.count());
  out.add("up", number(connection.up));
  out.add("down", number(connection.down));
  return out.text();
}

std::string json(const LogRecord& record) {
  JsonObject out;
  out.add("time", rfc3339(record.at));
  out.add("level", std::string(name_of(record.level)));
  if (!record.service.empty()) out.add("service", record.service);
  if (record.connection != 0) out.add("connection", number(record.connection));
  out.add("message", record.message);
  return out.text();
}

}  // namespace

std::string as_json(const Snapshot& snapshot) {
  std::vector<std::string> services;
  for (const ServiceStatus& service : snapshot.services)
    services.push_back(json(service, snapshot.now));
  std::vector<std::string> connections;
  for (const ConnectionStatus& connection : snapshot.connections)
    connections.push_back(json(connection));
  std::vector<std::string> recent;
  for (const LogRecord& record : snapshot.recent) recent.push_back(json(record));

  JsonObject out;
  out.add("version", snapshot.version);
  out.add("time", rfc3339(snapshot.now));
  out.add("started", rfc3339(snapshot.started));
  out.add("loaded", rfc3339(snapshot.loaded));
  out.add("last_reload_good", snapshot.last_reload_good);
  out.add("draining", snapshot.draining);
  out.add("workers", number(snapshot.workers));
  out.add_json("services", json_array(services));
  out.add_json("connections", json_array(connections));
  out.add("connections_not_shown", number(snapshot.not_shown));
  out.add("log_errors", number(snapshot.log.errors));
  out.add("log_warnings", number(snapshot.log.warnings));
  out.add("log_lines_lost", number(snapshot.log.lost));
  out.add_json("recent", json_array(recent));
  return out.text() + "\n";
}

}  // namespace tunnel::status
