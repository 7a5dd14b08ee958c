// Where the lines of a log go: each system has its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace tunnel {

// For one thread at a time.
class LogSink {
 public:
  struct Written {
    std::size_t bytes = 0;
    std::string why = {};  // not all of them are out
  };

  LogSink() = default;
  virtual ~LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  // Takes as long as it takes.
  virtual Written write(std::string_view lines) = 0;

  // Before lines are written: a file that was moved away is begun again, or opened anew in any
  // case. Where that fails, lines go on to where they went.
  virtual Result<std::monostate> refresh(bool /*anew*/) { return std::monostate{}; }

  // Whether a line is to begin with its priority as syslog(3) has it, "<4>".
  virtual bool wants_priority() const { return false; }
};

}  // namespace tunnel
