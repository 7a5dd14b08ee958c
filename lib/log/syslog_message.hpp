// Events in the forms of syslog: RFC 5424 for servers, and the line of syslog(3) for a local
// daemon.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "log/log.hpp"

namespace tunnel {

using LogTime = std::chrono::sys_time<std::chrono::milliseconds>;

// Where messages come from, and how many bytes one may have.
struct SyslogOrigin {
  std::string host;     // empty: unknown
  std::string process;  // its number
  std::size_t longest = 8192;
};

// As in syslog(3), without the facility.
int severity_of(LogLevel level);

// The text of a log line, or a JSON object, on one line of UTF-8.
std::string syslog_text(const LogEvent& event, LogFormat format);

// RFC 5424: the event is MSGID, and service, connection and fields are structured data. A field
// without room is left out, and the text is cut.
std::string rfc5424_message(const LogEvent& event, LogFormat format, const SyslogOrigin& origin,
                            LogTime at);

// The line of syslog(3), without fields. It has no time: the daemon takes its own.
std::string local_syslog_message(const LogEvent& event, LogFormat format,
                                 const SyslogOrigin& origin);

// The first `size` bytes at most, without half a character of UTF-8.
std::string_view cut_utf8(std::string_view text, std::size_t size);

}  // namespace tunnel
