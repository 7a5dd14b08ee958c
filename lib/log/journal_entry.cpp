// The journal's native protocol: no value has a line feed, so its binary form is not needed.
#include "log/journal_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "log/syslog_message.hpp"

namespace tunnel {

namespace {

// "upstream_address": TUNNEL_UPSTREAM_ADDRESS.
std::string field_name(std::string_view name) {
  std::string out = "TUNNEL_";
  for (const char c : name) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::string journal_entry(const LogEvent& event, LogFormat format, std::size_t longest) {
  std::string out = fmt::format("PRIORITY={1}{0}SYSLOG_FACILITY=3{0}SYSLOG_IDENTIFIER=tunnel",
                                journal_separator, severity_of(event.level));
  const auto add = [&](std::string_view name, std::string_view value) {
    const std::string field = fmt::format("{}{}={}", journal_separator, name, one_line(value));
    if (out.size() + field.size() <= longest) out += field;
  };
  add("MESSAGE",
      cut_utf8(syslog_text(event, format), longest - std::min(longest, out.size() + 64)));
  add("TUNNEL_EVENT", event.event);
  if (!event.service.empty()) add("TUNNEL_SERVICE", event.service);
  if (event.connection != 0) add("TUNNEL_CONNECTION", fmt::format("{}", event.connection));
  for (const auto& [name, value] : event.fields) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& one : *list) add(field_name(name), one);
    else if (const auto* text = std::get_if<std::string>(&value))
      add(field_name(name), *text);
    else
      add(field_name(name), json_value(value));
  }
  return out;
}

std::string journal_datagram(std::string_view entry) {
  std::string out(entry);
  std::ranges::replace(out, journal_separator, '\n');
  return out + '\n';
}

}  // namespace tunnel
