// A snapshot as JSON, as metrics and as a table, byte for byte.
#include "status/render/render.hpp"

#include <doctest/doctest.h>

namespace tunnel::status {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 12h;

Snapshot some() {
  Snapshot out;
  out.version = "0.1.0";
  out.now = noon + 90s;
  out.started = noon;
  out.loaded = noon;
  out.workers = 2;
  ServiceStatus service;
  service.name = "vnc";
  service.mode = "server";
  service.state = "open";
  service.listen = {"0.0.0.0:1", "[::]:1"};
  service.connect = {"127.0.0.1:5900"};
  service.max_connections = 10;
  service.accepted = 5;
  service.opened = 3;
  service.failed = 1;
  service.current = 2;
  service.open = 1;
  service.up = 1200;
  service.down = 48'100'000;
  service.certificate = CertificateStatus{"CN=relay", "CN=authority",
                                          std::chrono::floor<std::chrono::seconds>(noon) + 48h};
  service.targets = {TargetStatus{"127.0.0.1:5900"}};
  out.services = {service};
  ConnectionStatus connection;
  connection.service = "vnc";
  connection.id = 4;
  connection.peer = "192.0.2.1:5";
  connection.upstream = "127.0.0.1:5900";
  connection.upstream_address = "127.0.0.1:5900";
  connection.open = true;
  connection.age = 6s;
  connection.up = 7;
  connection.down = 8;
  out.connections = {connection};
  out.log = {1, 2, 3};
  out.recent = {{noon + 1ms, LogLevel::error, "vnc", 3, "a \"quote\""}};
  return out;
}

const std::string nothing_timed =
    R"({"count":0,"sum":0.000000,"buckets":[{"up_to":0.001,"count":0},{"up_to":0.0025,"count":0},)"
    R"({"up_to":0.005,"count":0},{"up_to":0.01,"count":0},{"up_to":0.025,"count":0},)"
    R"({"up_to":0.05,"count":0},{"up_to":0.1,"count":0},{"up_to":0.25,"count":0},)"
    R"({"up_to":0.5,"count":0},{"up_to":1,"count":0},{"up_to":2.5,"count":0},)"
    R"({"up_to":5,"count":0},{"up_to":10,"count":0},{"count":0}]})";

TEST_CASE("the document has everything") {
  CHECK_EQ(
      as_json(some()),
      R"({"version":"0.1.0","time":"2026-01-31T12:01:30Z","started":"2026-01-31T12:00:00Z",)"
      R"("loaded":"2026-01-31T12:00:00Z","last_reload_good":true,"draining":false,"workers":2,)"
      R"("services":[{"service":"vnc","mode":"server","state":"open","listen":["0.0.0.0:1","[::]:1"],)"
      R"("connect":["127.0.0.1:5900"],"reachable":true,"max_connections":10,"accepted":5,"opened":3,"failed":1,)"
      R"("current":2,"open":1,"up":1200,"down":48100000,"certificate":{"subject":"CN=relay","issuer":"CN=authority",)"
      R"("not_after":"2026-02-02T12:00:00Z","seconds_left":172710},)"
      R"("targets":[{"target":"127.0.0.1:5900","up":true,"connects":0,"failures":{"timeout":0,)"
      R"("refused":0,"unreachable":0,"unresolved":0,"handshake":0,"other":0}}],)"
      R"("connect_seconds":)" +
          nothing_timed +
          R"(,"handshakes":{"done":[],"failures":{"timeout":0,"closed":0,"not_tls":0,)"
          R"("unsupported":0,"certificate":0,"alert":0,"protocol":0,"stopped":0,"internal":0},)"
          R"("seconds":)" +
          nothing_timed +
          R"(}}],)"
          R"("connections":[{"service":"vnc","connection":4,"peer":"192.0.2.1:5",)"
          R"("upstream":"127.0.0.1:5900","upstream_address":"127.0.0.1:5900","open":true,)"
          R"("seconds":6.000,"up":7,"down":8}],"connections_not_shown":0,"log_errors":1,)"
          R"("log_warnings":2,"log_lines_lost":3,"recent":[{"time":"2026-01-31T12:00:00.001Z",)"
          R"("level":"error","service":"vnc","connection":3,"message":"a \"quote\""}]})"
          "\n");
}

TEST_CASE("how long a service stays open is in every form") {
  Snapshot snapshot = some();
  snapshot.services[0].closes_in = 1752s;
  CHECK_NE(as_json(snapshot).find(
               R"("state":"open","closes":"2026-01-31T12:30:42Z","seconds_left":1752,"listen")"),
           std::string::npos);
  CHECK_NE(as_table(snapshot, nullptr).find("\nvnc      open, closes in 29m12s  0.0.0.0:1"),
           std::string::npos);
  CHECK_NE(as_metrics(snapshot).find(
               "\ntunnel_service_close_timestamp_seconds{service=\"vnc\"} 1769862642"),
           std::string::npos);
  CHECK_EQ(as_json(some()).find("closes"), std::string::npos);
  CHECK_EQ(as_metrics(some()).find("close_timestamp_seconds{"), std::string::npos);
}

TEST_CASE("metrics have their units, and labels are escaped") {
  Snapshot snapshot = some();
  snapshot.version = "a\"b\\c\nd";
  const std::string text = as_metrics(snapshot);
  const auto has = [&](std::string_view line) { return text.find(line) != std::string::npos; };
  CHECK(has("# TYPE tunnel_build_info gauge\ntunnel_build_info{version=\"a\\\"b\\\\c\\nd\"} 1\n"));
  CHECK(has("\ntunnel_start_time_seconds 1769860800\n"));
  CHECK(
      has("\ntunnel_transferred_bytes_total{service=\"vnc\",direction=\"up\"} 1200\n"
          "tunnel_transferred_bytes_total{service=\"vnc\",direction=\"down\"} 48100000\n"));
  CHECK(has("\ntunnel_certificate_expiry_timestamp_seconds{service=\"vnc\"} 1770033600\n"));
  CHECK(has("\ntunnel_log_lost_lines_total 3\n"));
  CHECK_EQ(text.back(), '\n');
}

// A client-mode service whose far side has been reached and has failed.
Snapshot busy() {
  Snapshot out = some();
  ServiceStatus& service = out.services[0];
  service.mode = "client";
  service.handshakes.done[{"TLS 1.3", "TLS_AES_256_GCM_SHA384", "X25519", true}] = 3;
  service.handshakes.failures[static_cast<std::size_t>(tls::FailureCause::certificate)] = 2;
  service.handshakes.times.add(20ms);
  service.connect_times.add(1ms);
  service.connect_times.add(60s);
  service.targets[0].up = false;
  service.targets[0].connects = 3;
  service.targets[0].failures[static_cast<std::size_t>(TargetFailure::refused)] = 4;
  service.targets[0].certificate = CertificateStatus{
      "CN=far \"side\"", "CN=authority", std::chrono::floor<std::chrono::seconds>(noon) + 24h};
  return out;
}

TEST_CASE("handshakes, targets and times are in the metrics") {
  const std::string text = as_metrics(busy());
  for (const char* line :
       {"tunnel_handshakes_total{service=\"vnc\",side=\"client\",version=\"TLS 1.3\","
        "suite=\"TLS_AES_256_GCM_SHA384\",group=\"X25519\",resumed=\"true\"} 3",
        "tunnel_handshake_failures_total{service=\"vnc\",side=\"client\",cause=\"certificate\"} 2",
        "tunnel_handshake_failures_total{service=\"vnc\",side=\"client\",cause=\"timeout\"} 0",
        "# TYPE tunnel_handshake_duration_seconds histogram",
        "tunnel_handshake_duration_seconds_bucket{service=\"vnc\",side=\"client\",le=\"0.01\"} 0",
        "tunnel_handshake_duration_seconds_bucket{service=\"vnc\",side=\"client\",le=\"0.025\"} 1",
        "tunnel_connect_duration_seconds_bucket{service=\"vnc\",le=\"0.001\"} 1",
        "tunnel_connect_duration_seconds_bucket{service=\"vnc\",le=\"10\"} 1",
        "tunnel_connect_duration_seconds_bucket{service=\"vnc\",le=\"+Inf\"} 2",
        "tunnel_connect_duration_seconds_sum{service=\"vnc\"} 60.001",
        "tunnel_connect_duration_seconds_count{service=\"vnc\"} 2",
        "tunnel_target_up{service=\"vnc\",target=\"127.0.0.1:5900\"} 0",
        "tunnel_target_connects_total{service=\"vnc\",target=\"127.0.0.1:5900\"} 3",
        "tunnel_target_connect_failures_total{service=\"vnc\",target=\"127.0.0.1:5900\","
        "cause=\"refused\"} 4",
        "tunnel_target_certificate_expiry_timestamp_seconds{service=\"vnc\","
        "target=\"127.0.0.1:5900\"} 1769947200"}) {
    CAPTURE(line);
    CHECK_NE(("\n" + text).find("\n" + std::string(line) + "\n"), std::string::npos);
  }
  Snapshot plain = busy();
  plain.services[0].mode = "plain";
  CHECK_EQ(as_metrics(plain).find("tunnel_handshake_failures_total{"), std::string::npos);
}

TEST_CASE("the table has the far side's certificate where there is no other") {
  Snapshot snapshot = busy();
  CHECK_NE(as_table(snapshot, nullptr).find("  1d23h left\n"), std::string::npos);
  snapshot.services[0].certificate.reset();
  CHECK_NE(as_table(snapshot, nullptr).find("  far side's: 23h58m left\n"), std::string::npos);
  snapshot.now += 48h;
  CHECK_NE(as_table(snapshot, nullptr).find("  far side's: expired\n"), std::string::npos);
}

TEST_CASE("handshakes and the far side's certificate are in the document") {
  const std::string text = as_json(busy());
  for (const char* part :
       {R"("handshakes":{"done":[{"tls":"TLS 1.3","suite":"TLS_AES_256_GCM_SHA384",)"
        R"("group":"X25519","resumed":true,"count":3}],"failures":{"timeout":0,)",
        R"("certificate":2)", R"("refused":4)", R"("up":false)",
        R"("certificate":{"subject":"CN=far \"side\"","issuer":"CN=authority",)"
        R"("not_after":"2026-02-01T12:00:00Z","seconds_left":86310}}])"})
    CHECK_NE(text.find(part), std::string::npos);
}

TEST_CASE("the table is for people, with rates where there was an earlier look") {
  Snapshot then = some();
  Snapshot now = some();
  then.now = now.now - 2s;
  then.services[0].up = 200;
  CHECK_EQ(
      as_table(now, &then),
      "tunnel 0.1.0, for 1m30s\n"
      "\n"
      "service  state  listens on        open  opened  failed      up     down   up now  down now"
      "  certificate\n"
      "vnc      open   0.0.0.0:1 [::]:1     1       3       1  1.2 kB  48.1 MB  500 B/s     0 B/s"
      "  1d23h left\n"
      "\n"
      "connection  from         to                for   up  down\n"
      "vnc#4       192.0.2.1:5  127.0.0.1:5900  6.0 s  7 B   8 B\n"
      "\n"
      "3 lines of the log were lost\n"
      "\n"
      "2026-01-31T12:00:00.001Z error vnc#3: a \"quote\"\n");
  CHECK_EQ(as_table(now, nullptr).find("B/s"), std::string::npos);
}

TEST_CASE("a service whose targets can't be reached is marked in every form") {
  Snapshot snapshot = some();
  snapshot.services[0].reachable = false;
  CHECK_NE(as_json(snapshot).find(R"("reachable":false)"), std::string::npos);
  CHECK_NE(as_table(snapshot, nullptr).find("open, no target reached"), std::string::npos);
  CHECK_NE(as_metrics(snapshot).find("tunnel_service_reachable{service=\"vnc\"} 0\n"),
           std::string::npos);
}

}  // namespace
}  // namespace tunnel::status
