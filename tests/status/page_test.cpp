// The page for a browser: what it shows without its script, and that nothing foreign becomes HTML.
#include <doctest/doctest.h>

#include "status/render/plot_svg.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {
namespace {

using namespace std::chrono_literals;

const std::chrono::sys_time<std::chrono::milliseconds> noon =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + 12h;
const History::Time start{1000s};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool has(const std::string& text, std::string_view part) { return count(text, part) > 0; }

ServiceStatus client_service() {
  ServiceStatus out;
  out.name = "vnc";
  out.mode = "client";
  out.state = "open";
  out.listen = {"127.0.0.1:5999"};
  out.open = 2;
  out.targets = {TargetStatus{"relay.example:443"}};
  out.targets[0].connects = 1;
  out.targets[0].certificate = CertificateStatus{
      "CN=relay.example", "CN=Authority", std::chrono::floor<std::chrono::seconds>(noon) + 48h};
  return out;
}

Snapshot some() {
  Snapshot out;
  out.version = "0.1.0";
  out.now = noon;
  out.started = noon - 90s;
  out.services = {client_service()};
  out.taken = start;
  return out;
}

// Samples at each interval, up to now.
void add_history(Snapshot& snapshot, int samples) {
  History history;
  ServiceStatus service = snapshot.services[0];
  for (int i = 0; i <= samples; ++i) {
    history.add(start + (i - samples) * History::interval, {service});
    service.up += 5000;
    service.connect_times.add(20ms);
    service.handshakes.times.add(30ms);
    service.open = 7;
  }
  snapshot.history = history.samples();
}

std::string page(const Snapshot& snapshot, const Snapshot* earlier = nullptr) {
  return as_page(snapshot, earlier, "NONCE");
}

TEST_CASE("a service has its far side's certificate, and the time at which it closes") {
  Snapshot snapshot = some();
  CHECK_FALSE(has(page(snapshot), "closes in"));
  snapshot.services[0].closes_in = 30min;
  const std::string text = page(snapshot);
  CHECK(has(text, "closes in 30m00s, at 2026-01-31 12:30:00 UTC"));
  CHECK(has(text, "CN=relay.example <span class=\"soft\">issued by CN=Authority</span>"));
  CHECK(has(text, "valid until 2026-02-02 12:00:00 UTC, 2d00h left"));
  snapshot.now += std::chrono::hours(72);
  CHECK(has(page(snapshot), "class=\"bad\">expired on 2026-02-02 12:00:00 UTC"));
}

TEST_CASE("it is complete without its script") {
  Snapshot snapshot = some();
  add_history(snapshot, 3);
  const std::string text = page(snapshot);
  CHECK(has(text, "<noscript><meta http-equiv=\"refresh\""));
  const std::string live = text.substr(0, text.find("<script"));
  for (const char* part : {"vnc", "127.0.0.1:5999", "relay.example:443", "<svg", "1.0 kB/s",
                           "reached 1 time, failed 0"})
    CHECK(has(live, part));
}

TEST_CASE("the live part is the page without its head") {
  const Snapshot snapshot = some();
  const std::string live = as_live_part(snapshot, nullptr);
  CHECK(live.starts_with("<div id=\"live\">"));
  CHECK(has(page(snapshot), live));
  for (const char* part : {"<style", "<script", "NONCE"}) CHECK_FALSE(has(live, part));
}

TEST_CASE("nothing foreign becomes HTML") {
  const std::string evil = "<img src=x>\"&";
  Snapshot snapshot = some();
  ServiceStatus& service = snapshot.services[0];
  service.name = evil;
  service.listen = {evil};
  service.targets[0].name = evil;
  service.targets[0].certificate->subject = evil;
  service.targets[0].certificate->issuer = evil;
  service.certificate = service.targets[0].certificate;
  ConnectionStatus connection;
  connection.service = connection.peer = connection.client = connection.upstream_address = evil;
  connection.open = true;
  snapshot.connections = {connection};
  snapshot.recent = {{noon, LogLevel::error, evil, 3, evil}};
  snapshot.version = evil;
  const std::string text = page(snapshot);
  CHECK_FALSE(has(text, "<img"));
  CHECK_EQ(count(text, "&lt;img src=x&gt;&quot;&amp;"), 14);
}

TEST_CASE("plots: of a plain service all but handshakes") {
  Snapshot snapshot = some();
  add_history(snapshot, 3);
  CHECK_EQ(count(page(snapshot), "<svg"), 5);
  CHECK(has(page(snapshot),
            "aria-label=\"Handshake time in ten minutes: 3, mean 30 ms, worst p95 30 ms\""));
  CHECK(has(page(snapshot), "aria-label=\"open connections: 2 now, at most 7 in ten minutes\""));
  snapshot.services[0].mode = "plain";
  CHECK_EQ(count(page(snapshot), "<svg"), 4);
}

TEST_CASE("failures are stacked by cause, the most frequent first") {
  Snapshot snapshot = some();
  History history;
  ServiceStatus& service = snapshot.services[0];
  history.add(start - 5s, {service});
  service.handshakes.failures[static_cast<std::size_t>(tls::FailureCause::certificate)] = 1;
  service.targets[0].failures[static_cast<std::size_t>(TargetFailure::refused)] = 3;
  // counted as the certificate's already
  service.targets[0].failures[static_cast<std::size_t>(TargetFailure::handshake)] = 1;
  history.add(start, {service});
  snapshot.history = history.samples();
  const std::string text = page(snapshot);
  CHECK(has(text, "aria-label=\"failures in ten minutes: refused 3, certificate 1\""));
  // of a scale to 5: from 0 to 3, and from 3 to 4
  CHECK(has(text, "<path class=\"bar c3\" d=\"M595 100.0H600V40.0H595Z\"/>"));
  CHECK(has(text, "<path class=\"bar c5\" d=\"M595 40.0H600V20.0H595Z\"/>"));
}

TEST_CASE("a sample that is too old is left out, and time asleep is a gap") {
  Snapshot snapshot = some();
  add_history(snapshot, 2);
  snapshot.taken += 596s;
  const std::string old = page(snapshot);
  CHECK(has(old, "Connect time in ten minutes: 1"));
  snapshot.taken += 10s;
  CHECK(has(page(snapshot), "\"Connect time in ten minutes: 0\""));

  History history;
  for (const auto at : {0s, 5s, 10s, 300s, 305s}) history.add(start + at, {snapshot.services[0]});
  snapshot.history = history.samples();
  snapshot.taken = start + 305s;
  const std::string text = page(snapshot);
  const auto line = text.find("class=\"line c2\" d=\"");
  REQUIRE_NE(line, std::string::npos);
  const std::string path = text.substr(line, text.find('>', line) - line);
  CHECK_EQ(count(path, "M"), 2);
}

TEST_CASE("many services have no more plots than a page can take") {
  Snapshot snapshot = some();
  snapshot.services.resize(100, client_service());
  const std::string text = page(snapshot);
  CHECK_EQ(count(text, "<section"), 100);
  CHECK_EQ(count(text, "<svg"), 24 * 5);
  CHECK(has(text, "plots are drawn for the first 24 services"));
}

TEST_CASE("connections have rates if there was an earlier look") {
  Snapshot snapshot = some();
  ConnectionStatus connection;
  connection.service = "vnc";
  connection.id = 4;
  connection.up = 3000;
  snapshot.connections = {connection};
  Snapshot then = snapshot;
  then.now -= 2s;
  then.connections[0].up = 1000;
  CHECK_FALSE(has(page(snapshot), "B/s<td"));
  CHECK(has(page(snapshot, &then), "<td class=\"n\">1.0 kB/s<td class=\"n\">0 B/s"));
}

TEST_CASE("the scale ends at a round number") {
  CHECK_EQ(decade_top(0, 0.01), doctest::Approx(0.01));
  CHECK_EQ(decade_top(0.011, 0.01), doctest::Approx(0.1));
  CHECK_EQ(decade_top(0.1, 0.01), doctest::Approx(0.1));
  CHECK_EQ(round_top(0, 5), 5);
  CHECK_EQ(round_top(5, 5), 5);
  CHECK_EQ(round_top(6, 5), 10);
  CHECK_EQ(round_top(11, 5), 20);
  CHECK_EQ(round_top(21'000, 1), 50'000);
  CHECK_EQ(round_top(0.02, 0.001), doctest::Approx(0.02));
  CHECK_EQ(round_top(0.021, 0.001), doctest::Approx(0.05));
}

}  // namespace
}  // namespace tunnel::status
