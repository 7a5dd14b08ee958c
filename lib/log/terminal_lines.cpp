// Escape sequences around the lines of a log.
#include "log/terminal_lines.hpp"

#include <fmt/format.h>

#include <utility>

namespace tunnel {

namespace {

// The row first: tmux keeps in its history what is erased from the corner of the screen on, unless
// nothing is there.
constexpr std::string_view erase_below = "\r\x1b[K\x1b[J";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view plain = "\x1b[0m";

std::string_view colour_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "\x1b[31m";
    case LogLevel::warn:
      return "\x1b[33m";
    case LogLevel::info:
      return "\x1b[32m";
    case LogLevel::debug:
    case LogLevel::trace:
      return dim;
  }
  return "";
}

// The level's word in its colour; a time before it steps back.
std::string coloured(LogLevel level, std::string_view line) {
  const std::string_view word = name_of(level);
  const std::size_t at = line.find(word);
  if (at == std::string_view::npos) return std::string(line);
  std::string out;
  if (at > 0) out = fmt::format("{}{}{}", dim, line.substr(0, at), plain);
  return out +
         fmt::format("{}{}{}{}", colour_of(level), word, plain, line.substr(at + word.size()));
}

}  // namespace

TerminalLines::TerminalLines(bool colours, std::function<std::size_t()> columns)
    : colours_(colours), columns_(std::move(columns)) {}

std::string TerminalLines::line(LogLevel level, std::string_view line) {
  std::string out = lift();
  out += colours_ ? coloured(level, line) : std::string(line);
  out += '\n';
  return out + draw();
}

std::string TerminalLines::status(std::string_view text) {
  status_ = text;
  const std::size_t columns = columns_();
  // what stands there already is left alone: somebody may be selecting it
  if (columns > 0 && columns == width_ && status_.substr(0, columns - 1) == drawn_) return {};
  std::string out = lift();
  return out + draw();
}

std::string TerminalLines::lift() {
  const bool there = !std::exchange(drawn_, {}).empty();
  // a shell may have its line there by now
  return std::string(there && columns_() > 0 ? erase_below : std::string_view());
}

std::string TerminalLines::draw() {
  width_ = columns_();
  // the last column stays free: what is written there leaves the cursor between two rows
  if (width_ > 1) drawn_ = status_.substr(0, width_ - 1);
  if (drawn_.empty()) return {};
  return fmt::format("{}{}{}\r", colours_ ? dim : "", drawn_, colours_ ? plain : "");
}

}  // namespace tunnel
