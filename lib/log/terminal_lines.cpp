// The escape sequences around log lines and the status.
#include "log/terminal_lines.hpp"

#include <utility>

#include "log/terminal_colours.hpp"

namespace tunnel {

namespace {

// The row first: tmux copies text that is erased from the corner of the screen on to its history,
// unless that corner is empty.
constexpr std::string_view erase_below = "\r\x1b[K\x1b[J";

std::string_view colour_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return colour::red;
    case LogLevel::warn:
      return colour::yellow;
    case LogLevel::info:
      return colour::green;
    case LogLevel::debug:
    case LogLevel::trace:
      return colour::dim;
  }
  return "";
}

// The level in its colour, and the time before it dimmed.
std::string coloured(LogLevel level, std::string_view line) {
  const std::string_view word = name_of(level);
  const std::size_t at = line.find(word);
  if (at == std::string_view::npos) return std::string(line);
  std::string out;
  if (at > 0) out = colour::paint(colour::dim, line.substr(0, at));
  return out.append(colour::paint(colour_of(level), word)).append(line.substr(at + word.size()));
}

}  // namespace

TerminalLines::TerminalLines(bool colours, std::function<std::size_t()> columns,
                             std::function<std::string()> time)
    : colours_(colours), columns_(std::move(columns)), time_(std::move(time)) {}

std::string TerminalLines::line(LogLevel level, std::string_view line) {
  std::string out = erase();
  out += colours_ ? coloured(level, line) : std::string(line);
  out += '\n';
  return out + draw();
}

std::string TerminalLines::status(std::string_view text) {
  status_ = text;
  const std::size_t columns = columns_();
  // the same text is not drawn again: the user may be selecting it
  if (columns > 0 && columns == width_ && status_.substr(0, columns - 1) == drawn_) return {};
  std::string out = erase();
  return out + draw();
}

std::string TerminalLines::erase() {
  const bool there = !std::exchange(drawn_, {}).empty();
  // in the background, that row may be the shell's prompt
  return std::string(there && columns_() > 0 ? erase_below : std::string_view());
}

std::string TerminalLines::draw() {
  width_ = columns_();
  // the last column stays free: writing there leaves the cursor between two rows
  if (width_ > 1) drawn_ = status_.substr(0, width_ - 1);
  if (drawn_.empty()) return {};
  return (colours_ ? colour::paint(colour::dim, drawn_) : drawn_) + "\r";
}

}  // namespace tunnel
