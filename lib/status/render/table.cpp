// What `tunnel status` prints.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

// Columns as wide as their widest cell, numbers to the right.
template <std::size_t N>
std::string columns(const std::array<std::string_view, N>& heads, std::string_view sides,
                    const std::vector<std::array<std::string, N>>& rows) {
  std::array<std::size_t, N> widths{};
  for (std::size_t i = 0; i < N; ++i) {
    widths[i] = heads[i].size();
    for (const auto& row : rows) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  const auto line = [&](const auto& cells) {
    std::string text;
    for (std::size_t i = 0; i < N; ++i)
      text += sides[i] == '<' ? fmt::format("{:<{}}  ", cells[i], widths[i])
                              : fmt::format("{:>{}}  ", cells[i], widths[i]);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  };
  line(heads);
  for (const auto& row : rows) line(row);
  return out;
}

std::string left_text(const CertificateStatus& certificate, const Snapshot& snapshot) {
  const auto left = certificate.not_after - snapshot.now;
  return left.count() <= 0 ? "expired" : duration_text(left) + " left";
}

// Of its own, or of the far side that shows the first to expire.
std::string certificate_text(const ServiceStatus& service, const Snapshot& snapshot) {
  if (service.certificate) return left_text(*service.certificate, snapshot);
  const CertificateStatus* first = nullptr;
  for (const TargetStatus& target : service.targets)
    if (target.certificate &&
        (first == nullptr || target.certificate->not_after < first->not_after))
      first = &*target.certificate;
  return first == nullptr ? "" : "far side's: " + left_text(*first, snapshot);
}

// "open", or "open, closes in 29m12s".
std::string state_text(const ServiceStatus& service) {
  std::string out = service.state;
  if (out == "open" && !service.reachable) out += ", no target reached";
  if (service.closes_in) out += ", closes in " + duration_text(*service.closes_in);
  return out;
}

std::string rate_text(const ServiceStatus& service, const Snapshot& snapshot,
                      const Snapshot* earlier, std::uint64_t ServiceStatus::*bytes) {
  if (earlier == nullptr || snapshot.now <= earlier->now) return "";
  const auto then = std::ranges::find(earlier->services, service.name, &ServiceStatus::name);
  if (then == earlier->services.end() || service.*bytes < (*then).*bytes) return "";
  return tunnel::rate_text(service.*bytes - (*then).*bytes, snapshot.now - earlier->now);
}

}  // namespace

std::string as_table(const Snapshot& snapshot, const Snapshot* earlier) {
  std::string out = fmt::format(
      "tunnel {}, for {}{}{}\n\n", snapshot.version, duration_text(snapshot.now - snapshot.started),
      snapshot.draining ? ", stopping" : "",
      snapshot.last_reload_good ? "" : ", the last reload failed: see the log");
  std::vector<std::array<std::string, 11>> services;
  for (const ServiceStatus& s : snapshot.services)
    services.push_back(
        {s.name, state_text(s), fmt::format("{}", fmt::join(s.listen, " ")),
         fmt::format("{}", s.open), fmt::format("{}", s.opened), fmt::format("{}", s.failed),
         bytes_text(s.up), bytes_text(s.down), rate_text(s, snapshot, earlier, &ServiceStatus::up),
         rate_text(s, snapshot, earlier, &ServiceStatus::down), certificate_text(s, snapshot)});
  out += columns<11>({"service", "state", "listens on", "open", "opened", "failed", "up", "down",
                      "up now", "down now", "certificate"},
                     "<<<>>>>>>><", services);
  if (!snapshot.connections.empty()) {
    std::vector<std::array<std::string, 6>> connections;
    for (const ConnectionStatus& c : snapshot.connections)
      connections.push_back(
          {fmt::format("{}#{}", c.service, c.id),
           c.client.empty() ? c.peer : fmt::format("{} ({})", c.peer, c.client),
           c.open ? c.upstream_address : "(opening)",
           duration_text(std::chrono::duration_cast<std::chrono::nanoseconds>(c.age)),
           bytes_text(c.up), bytes_text(c.down)});
    out +=
        "\n" + columns<6>({"connection", "from", "to", "for", "up", "down"}, "<<<>>>", connections);
  }
  if (snapshot.not_shown > 0) out += fmt::format("and {} more\n", snapshot.not_shown);
  if (snapshot.log.lost > 0)
    out += fmt::format("\n{} lines of the log were lost\n", snapshot.log.lost);
  constexpr std::size_t most = 5;
  for (std::size_t i = 0; i < std::min(snapshot.recent.size(), most); ++i) {
    const LogRecord& record = snapshot.recent[i];
    LogEvent event{record.level, "", record.service, record.connection, record.message, {}};
    out += (i == 0 ? "\n" : "") + log_line(event, LogFormat::text, rfc3339(record.at)) + "\n";
  }
  return out;
}

}  // namespace tunnel::status
