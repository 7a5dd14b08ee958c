// The ABNF of RFC 5424, section 6.
#include "log/syslog_message.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace tunnel {

namespace {

constexpr int facility_daemon = 3;
// names without a registered number need one behind the @; RFC 5612 keeps this one for no
// enterprise
constexpr std::string_view data_id = "tunnel@32473";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
// structured data leaves that much for the text
constexpr std::size_t least_text = 512;

int priority_of(LogLevel level) { return facility_daemon * 8 + severity_of(level); }

// Visible ASCII of at most `longest` bytes, or the nil value.
std::string header_field(std::string_view text, std::size_t longest) {
  const bool good = !text.empty() &&
                    std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  return good ? std::string(text.substr(0, longest)) : "-";
}

std::string param(std::string_view name, std::string_view value) {
  std::string out = fmt::format(" {}=\"", name);
  for (const char c : one_line(value)) {
    if (c == '"' || c == '\\' || c == ']') out += '\\';
    out += c;
  }
  return out + '"';
}

// A list is a parameter that repeats.
std::string params(std::string_view name, const JsonValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return param(name, *text);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  if (list == nullptr) return param(name, json_value(value));
  std::string out;
  for (const std::string& one : *list) out += param(name, one);
  return out;
}

std::string structured_data(const LogEvent& event, std::size_t longest) {
  std::string out;
  const auto add = [&](const std::string& text) {
    if (out.size() + text.size() <= longest) out += text;
  };
  if (!event.service.empty()) add(param("service", event.service));
  if (event.connection != 0) add(param("connection", fmt::format("{}", event.connection)));
  for (const auto& [name, value] : event.fields) add(params(name, value));
  return out.empty() ? "-" : fmt::format("[{}{}]", data_id, out);
}

}  // namespace

int severity_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return 3;
    case LogLevel::warn:
      return 4;
    case LogLevel::info:
      return 6;
    case LogLevel::debug:
    case LogLevel::trace:
      break;
  }
  return 7;
}

std::string_view cut_utf8(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80) --size;
  return text.substr(0, size);
}

std::string syslog_text(const LogEvent& event, LogFormat format) {
  return one_line(format == LogFormat::json ? log_line(event, format, "") : log_text(event));
}

std::string rfc5424_message(const LogEvent& event, LogFormat format, const SyslogOrigin& origin,
                            LogTime at) {
  std::string out = fmt::format("<{}>1 {} {} tunnel {} {} ", priority_of(event.level),
                                rfc3339_milliseconds(at), header_field(origin.host, 255),
                                header_field(origin.process, 128), header_field(event.event, 32));
  const std::size_t room = origin.longest - std::min(origin.longest, out.size() + least_text);
  out += structured_data(event, room);
  out += ' ';
  out += byte_order_mark;
  return out.append(
      cut_utf8(syslog_text(event, format), origin.longest - std::min(origin.longest, out.size())));
}

std::string local_syslog_message(const LogEvent& event, LogFormat format,
                                 const SyslogOrigin& origin) {
  const std::string out = fmt::format("<{}>tunnel[{}]: {}", priority_of(event.level),
                                      origin.process, syslog_text(event, format));
  return std::string(cut_utf8(out, origin.longest));
}

}  // namespace tunnel
