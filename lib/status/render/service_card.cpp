// A service on the page: what it is, how it fares, and its plots.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "status/render/page_parts.hpp"
#include "status/render/plots.hpp"
#include "tls/engine.hpp"

namespace tunnel::status {

namespace {

using std::chrono::seconds;

std::string times(std::uint64_t n) { return fmt::format("{} time{}", n, n == 1 ? "" : "s"); }

std::string state(const ServiceStatus& service) {
  if (service.state == "open" && !service.reachable)
    return "<span class=\"bad\">open, no target reached</span>";
  return fmt::format("<span class=\"{}\">{}</span>", service.state == "open" ? "good" : "soft",
                     service.state);
}

std::string closing(const ServiceStatus& service, const Snapshot& snapshot) {
  if (!service.closes_in) return {};
  constexpr seconds soon{300};
  return fmt::format("<span class=\"{}\">closes in {}, at {}</span>",
                     *service.closes_in < soon ? "bad" : "soft", duration_text(*service.closes_in),
                     time_text(std::chrono::floor<seconds>(snapshot.now) + *service.closes_in));
}

std::string certificate_text(const CertificateStatus& certificate, const Snapshot& snapshot) {
  constexpr std::chrono::days soon{30};
  const auto left = certificate.not_after - snapshot.now;
  const std::string until =
      left.count() <= 0 ? "expired on " + time_text(certificate.not_after)
                        : fmt::format("valid until {}, {} left", time_text(certificate.not_after),
                                      duration_text(left));
  return fmt::format("{} <span class=\"soft\">issued by {}</span>, <span class=\"{}\">{}</span>",
                     in_markup(certificate.subject), in_markup(certificate.issuer),
                     left < soon ? "bad" : "", until);
}

// The targets and their certificates, each as a line.
std::string targets(const ServiceStatus& service) {
  std::string out;
  for (const TargetStatus& target : service.targets) {
    std::uint64_t failures = 0;
    for (const std::uint64_t count : target.failures) failures += count;
    out += fmt::format(
        "<div><span class=\"{}\">&#9679;</span> {} <span class=\"soft\">reached {}, failed "
        "{}</span></div>",
        target.up ? "good" : "bad", in_markup(one_line(target.name)), times(target.connects),
        failures);
  }
  return out;
}

std::string far_certificates(const ServiceStatus& service, const Snapshot& snapshot) {
  std::string out;
  for (const TargetStatus& target : service.targets)
    if (target.certificate)
      out += fmt::format(
          "<div>{}{}</div>",
          service.targets.size() > 1 ? in_markup(one_line(target.name)) + ": " : std::string(),
          certificate_text(*target.certificate, snapshot));
  return out;
}

std::string handshakes(const HandshakeStats& stats) {
  std::string out;
  for (const auto& [kind, count] : stats.done)
    out += fmt::format("<div>{}, {}{}{} <span class=\"soft\">{}</span></div>", kind.version,
                       tls::cipher_of(kind.suite), kind.group.empty() ? "" : ", ",
                       kind.group + (kind.resumed ? ", resumed" : ""), times(count));
  return out;
}

std::string row(std::string_view name, const std::string& value) {
  return value.empty() ? std::string() : fmt::format("<dt>{}</dt><dd>{}</dd>", name, value);
}

std::string number(std::string_view name, const std::string& value) {
  return fmt::format("<li><b>{}</b><span>{}</span></li>", value, name);
}

}  // namespace

std::string service_card(const ServiceStatus& service, const Snapshot& snapshot, bool with_plots) {
  std::string listen = in_markup(one_line(fmt::format("{}", fmt::join(service.listen, ", "))));
  std::string out = fmt::format(
      "<section class=\"card\"><div class=\"head\"><h2>{}</h2><span class=\"soft\">{}</span>{}{}"
      "</div>\n<dl>",
      in_markup(one_line(service.name)), service.mode, state(service), closing(service, snapshot));
  out += row("listens on", listen) + row("target", targets(service));
  if (service.certificate)
    out += row("certificate", certificate_text(*service.certificate, snapshot));
  out += row("far side's certificate", far_certificates(service, snapshot));
  out += row("TLS", handshakes(service.handshakes));
  out += "</dl>\n<ul class=\"numbers\">" + number("open", fmt::format("{}", service.open)) +
         number("opened", fmt::format("{}", service.opened)) +
         number("failed", fmt::format("{}", service.failed)) +
         number("up", bytes_text(service.up)) + number("down", bytes_text(service.down)) +
         "</ul>\n";
  if (with_plots) out += plots_of(service, snapshot);
  return out + "</section>\n";
}

}  // namespace tunnel::status
