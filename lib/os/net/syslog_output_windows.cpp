// No syslog on Windows.
#include "os/net/syslog_output.hpp"

namespace tunnel::os {

namespace {

Error no_syslog() {
  return {"cannot log to syslog: tunnel doesn't on Windows",
          "log to a file: file = \"tunnel.log\""};
}

}  // namespace

Result<std::unique_ptr<LogSink>> local_syslog(const std::string&) { return no_syslog(); }

Result<std::unique_ptr<LogSink>> remote_syslog(const std::string&, std::uint16_t) {
  return no_syslog();
}

std::unique_ptr<LogSink> journal() { return nullptr; }

bool is_stream_socket(const std::string&) { return false; }

}  // namespace tunnel::os
