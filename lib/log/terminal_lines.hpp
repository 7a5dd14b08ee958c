// Lines of a log and a status row below them on one terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "log/log.hpp"

namespace tunnel {

// Returns bytes to write and writes none. Each result is complete, so losing one does no harm.
// While the status is shown, the cursor stays at its start: erasing from there on erases all of it,
// even if a narrower window has wrapped it.
class TerminalLines {
 public:
  // `columns` returns the terminal's width; 0 if nothing may be drawn on it now. `time` returns the
  // time of day; it may be empty.
  TerminalLines(bool colours, std::function<std::size_t()> columns,
                std::function<std::string()> time = {});

  // "15:04:05", for the beginning of a line.
  std::string time() const { return time_ ? time_() : std::string(); }

  // A log line; `line` has no line feed.
  std::string line(LogLevel level, std::string_view line);
  // Replaces the status, which is ASCII; an empty one removes it.
  std::string status(std::string_view text);
  // Removes it until the next line or status.
  std::string erase();

 private:
  std::string draw();

  const bool colours_;
  const std::function<std::size_t()> columns_;
  const std::function<std::string()> time_;
  std::string status_;
  std::string drawn_;      // the part of it on the terminal now
  std::size_t width_ = 0;  // of the terminal, when it was drawn
};

}  // namespace tunnel
