// One of a file, a socket and a server.
#include "server/log_target.hpp"

#include "os/net/syslog_output.hpp"

namespace tunnel {

Result<std::unique_ptr<LogSink>> open_log_target(const config::LogConfig& log, os::Links links) {
  if (log.file) return os::log_file(*log.file, links);
  if (!log.syslog) return std::unique_ptr<LogSink>();
  if (const config::UnixSocket* local = log.syslog->local()) return os::local_syslog(local->path);
  const config::HostPort& server = *log.syslog->tcp();
  return os::remote_syslog(server.host, server.port);
}

}  // namespace tunnel
