// Syslog daemons, syslog servers and systemd's journal as log sinks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "log/log_sink.hpp"

namespace tunnel::os {

// The daemon at a UNIX socket of datagrams or, with octet counting (RFC 6587), of streams. It gets
// RFC 5424, except at the system's own socket, such as /dev/log: there the daemons expect the line
// of syslog(3), and where the journal listens, it gets fields. One that restarts is found again.
Result<std::unique_ptr<LogSink>> local_syslog(const std::string& path);

// A server by RFC 5424 over UDP (RFC 5426). Resolves the name now, which may take seconds, and
// again every few minutes.
Result<std::unique_ptr<LogSink>> remote_syslog(const std::string& host, std::uint16_t port);

// The journal, with fields; null if it can't be reached.
std::unique_ptr<LogSink> journal();

// Whether local_syslog() needs stream sockets for it.
bool is_stream_socket(const std::string& path);

}  // namespace tunnel::os
