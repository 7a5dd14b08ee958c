// A destination of log lines, which each platform implements.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "log/log.hpp"

namespace tunnel {

// Used by one thread at a time.
class LogSink {
 public:
  struct Written {
    std::size_t bytes = 0;
    std::string why = {};  // the reason, if not all bytes were written
  };

  LogSink() = default;
  virtual ~LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  // May block.
  virtual Written write(std::string_view lines) = 0;

  // Called before each write: reopens a file that was moved away, or any file if `anew`. After an
  // error, the sink keeps writing to the old file.
  virtual Result<std::monostate> refresh(bool /*anew*/) { return std::monostate{}; }

  // The event in this sink's own form, without a line feed; nothing: a line in the log's format.
  // From any thread.
  virtual std::optional<std::string> encode(const LogEvent& /*event*/, LogFormat /*format*/) const {
    return std::nullopt;
  }

  // Whether lines begin with a priority as in syslog(3): "<4>".
  virtual bool wants_priority() const { return false; }
};

}  // namespace tunnel
