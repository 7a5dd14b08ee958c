// The document at /status.
#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }

std::string json(const ServiceStatus& service,
                 std::chrono::sys_time<std::chrono::milliseconds> now) {
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
  if (service.certificate) {
    JsonObject certificate;
    certificate.add("subject", service.certificate->subject);
    certificate.add("not_after", rfc3339(service.certificate->not_after));
    const auto left =
        std::chrono::floor<std::chrono::seconds>(service.certificate->not_after - now);
    certificate.add("seconds_left", std::int64_t{left.count()});
    out.add_json("certificate", certificate.text());
  }
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
