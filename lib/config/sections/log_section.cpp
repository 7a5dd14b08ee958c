// A file and syslog exclude each other.
#include "config/sections/log_section.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "config/path_wording.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view local_daemon = "unix:/dev/log";

// The valid string most like `text`.
std::string syslog_meant(std::string_view text, const std::string& address_hint) {
  if (truth_of(text) || has_word("journal journald local log syslog syslogd systemd", text))
    return std::string(local_daemon);
  if (is_ipv6(text)) return fmt::format("[{}]:514", text);
  if (auto with_port = host_port(fmt::format("{}:514", text), false)) return with_port->text();
  const auto meant = host_port(address_hint, false);
  if (text.starts_with("unix:") || !meant) return std::string(local_daemon);
  // the hint's port where there is none is that of TLS
  return text.find("443") == text.npos && meant->port == 443 ? HostPort{meant->host, 514}.text()
                                                             : address_hint;
}

Result<SocketAddress> syslog_address(std::string_view text, const std::filesystem::path& folder) {
  auto address = read_address(text, folder, false);
  if (!address) return Error{address.error().what, syslog_meant(text, address.error().hint)};
  if (address->inherited() != nullptr)
    return Error{"systemd passes sockets for services, none for the log",
                 std::string(local_daemon)};
  return address;
}

std::optional<SocketAddress> read_syslog(TableReader& reader, const std::filesystem::path& folder) {
  const auto text = reader.text("syslog");
  if (!text) return std::nullopt;
  auto address = syslog_address(text->value, folder);
  if (!address) {
    reader.mistake(text->place, "syslog", address.error().what,
                   Suggestion::string_setting("syslog", address.error().hint));
    return std::nullopt;
  }
  if (reader.has("file"))
    reader.mistake(text->place, "syslog", "the log goes to one place, and file names another",
                   "remove one of them");
  if (const RawEntry* time = reader.own("time"))
    reader.mistake(time->value.place, "time", "each message of syslog has a time already",
                   "remove it");
  return *std::move(address);
}

}  // namespace

LogConfig read_log(TableReader& reader, const std::filesystem::path& folder) {
  LogConfig log;
  if (const auto level = reader.one_of("level", {"error", "warn", "info", "debug", "trace"}))
    log.settings.level = static_cast<LogLevel>(*level);
  if (const auto format = reader.one_of("format", {"text", "json"}))
    log.settings.format = static_cast<LogFormat>(*format);
  if (const auto file = reader.new_file("file")) {
    log.file = folder / path_of(file->value);
    refuse_unexpanded(*file, "file", reader);
  }
  log.syslog = read_syslog(reader, folder);
  // journals show the time themselves; files and log collectors don't
  const auto time = reader.boolean("time");
  log.settings.time = time.value_or(log.file.has_value() || log.settings.format == LogFormat::json);
  log.settings.time_of_day = !time;
  reader.refuse_unknown();
  return log;
}

}  // namespace tunnel::config
