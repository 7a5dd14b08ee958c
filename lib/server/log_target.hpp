// Where the log goes by the configuration.
#pragma once

#include <memory>

#include "base/error.hpp"
#include "config/config.hpp"
#include "log/log_sink.hpp"
#include "os/file/log_output.hpp"

namespace tunnel {

// Opens it; null for standard error. Resolving the name of a syslog server may take seconds.
Result<std::unique_ptr<LogSink>> open_log_target(const config::LogConfig& log,
                                                 os::Links links = os::Links::followed);

}  // namespace tunnel
