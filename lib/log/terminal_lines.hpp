// How the lines of a log and a line of status below them share a terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "log/log.hpp"

namespace tunnel {

// Only says what is to be written; each answer is complete in itself, so that one of them may be
// lost without harm. While the status is there the cursor waits at its beginning: whoever erases
// from there on erases all of it, even where a narrower window has broken it into several rows.
class TerminalLines {
 public:
  // `columns` says how wide the terminal is at the moment; 0 where nothing may be drawn on it.
  TerminalLines(bool colours, std::function<std::size_t()> columns);

  // A line of the log, without its line feed.
  std::string line(LogLevel level, std::string_view line);
  // Another status, in ASCII; an empty one takes it away.
  std::string status(std::string_view text);
  // Takes it away until the next line or status.
  std::string lift();

 private:
  std::string draw();

  const bool colours_;
  const std::function<std::size_t()> columns_;
  std::string status_;
  std::string drawn_;      // as it stands there now
  std::size_t width_ = 0;  // of the terminal, when it was drawn
};

}  // namespace tunnel
