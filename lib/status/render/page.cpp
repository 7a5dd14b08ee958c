// The page for a browser: complete without its script, which only keeps it up to date.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "status/render/page_parts.hpp"
#include "status/render/page_style.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

// More would make it slow to load.
constexpr std::size_t most_plotted = 24;
constexpr std::size_t most_connections = 200;

std::string about(const Snapshot& snapshot) {
  std::string out = fmt::format("{}, running for {}, {} worker{}", in_markup(snapshot.version),
                                duration_text(snapshot.now - snapshot.started), snapshot.workers,
                                snapshot.workers == 1 ? "" : "s");
  if (snapshot.draining) out += ", <span class=\"bad\">stopping</span>";
  if (!snapshot.last_reload_good) out += ", <span class=\"bad\">the last reload failed</span>";
  if (snapshot.log.lost > 0)
    out += fmt::format(", <span class=\"bad\">{} lines of the log were lost</span>",
                       snapshot.log.lost);
  return out;
}

std::string services(const Snapshot& snapshot) {
  if (snapshot.services.empty()) return "<p class=\"soft\">no service</p>\n";
  std::string out;
  for (std::size_t i = 0; i < snapshot.services.size(); ++i)
    out += service_card(snapshot.services[i], snapshot, i < most_plotted);
  if (snapshot.services.size() > most_plotted)
    out += fmt::format("<p class=\"soft\">plots are drawn for the first {} services</p>\n",
                       most_plotted);
  return out;
}

const ConnectionStatus* find(const Snapshot* snapshot, const ConnectionStatus& wanted) {
  if (snapshot == nullptr) return nullptr;
  const auto found = std::ranges::find_if(snapshot->connections, [&](const ConnectionStatus& c) {
    return c.id == wanted.id && c.service == wanted.service;
  });
  return found == snapshot->connections.end() ? nullptr : &*found;
}

std::string row(const ConnectionStatus& c, const Snapshot& snapshot, const Snapshot* earlier) {
  const ConnectionStatus* then = find(earlier, c);
  const auto rate = [&](std::uint64_t ConnectionStatus::*bytes) {
    return then != nullptr && snapshot.now > earlier->now && c.*bytes >= then->*bytes
               ? rate_text(c.*bytes - then->*bytes, snapshot.now - earlier->now)
               : std::string();
  };
  return fmt::format(
      "<tr><td>{}#{}<td>{}{}<td>{}<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{}"
      "<td class=\"n\">{}<td class=\"n\">{}</tr>\n",
      in_markup(one_line(c.service)), c.id, in_markup(c.peer),
      c.client.empty() ? std::string() : fmt::format(" ({})", in_markup(c.client)),
      c.open ? in_markup(c.upstream_address) : "opening",
      duration_text(std::chrono::duration_cast<std::chrono::nanoseconds>(c.age)), bytes_text(c.up),
      bytes_text(c.down), rate(&ConnectionStatus::up), rate(&ConnectionStatus::down));
}

std::string connections(const Snapshot& snapshot, const Snapshot* earlier) {
  std::string out = "<h3>Connections</h3>\n";
  if (snapshot.connections.empty()) return out + "<p class=\"soft\">none</p>\n";
  out +=
      "<div class=\"wide\"><table><thead><tr><th>connection<th>from<th>to<th class=\"n\">for"
      "<th class=\"n\">up<th class=\"n\">down<th class=\"n\">up now<th class=\"n\">down now</tr>"
      "</thead><tbody>\n";
  const std::size_t shown = std::min(snapshot.connections.size(), most_connections);
  for (std::size_t i = 0; i < shown; ++i) out += row(snapshot.connections[i], snapshot, earlier);
  out += "</tbody></table></div>\n";
  if (const std::size_t more = snapshot.connections.size() - shown + snapshot.not_shown; more > 0)
    out += fmt::format("<p class=\"soft\">and {} more</p>\n", more);
  return out;
}

std::string recent(const Snapshot& snapshot) {
  std::string out = "<h3>Last errors and warnings</h3>\n";
  if (snapshot.recent.empty()) return out + "<p class=\"soft\">none</p>\n";
  out +=
      "<div class=\"wide\"><table><thead><tr><th>time<th>level<th>who<th>what</tr></thead>"
      "<tbody>\n";
  for (const LogRecord& record : snapshot.recent) {
    std::string who = in_markup(one_line(record.service));
    if (record.connection != 0) who += fmt::format("#{}", record.connection);
    out += fmt::format("<tr><td class=\"n\">{}<td{}>{}<td>{}<td class=\"what\">{}</tr>\n",
                       time_text(std::chrono::floor<std::chrono::seconds>(record.at)),
                       record.level == LogLevel::error ? " class=\"bad\"" : "",
                       name_of(record.level), who, in_markup(one_line(record.message)));
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string as_live_part(const Snapshot& snapshot, const Snapshot* earlier) {
  return fmt::format(
      "<div id=\"live\">\n<header><h1>tunnel</h1><div "
      "id=\"about\">{}</div></header>\n{}{}{}</div>\n",
      about(snapshot), services(snapshot), connections(snapshot, earlier), recent(snapshot));
}

std::string as_page(const Snapshot& snapshot, const Snapshot* earlier, const std::string& nonce) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>tunnel</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>\n"
      "<style nonce=\"{0}\">{1}</style></head><body>{2}"
      "<script nonce=\"{0}\">{3}</script></body></html>\n",
      nonce, page_style, as_live_part(snapshot, earlier), page_script);
}

}  // namespace tunnel::status
