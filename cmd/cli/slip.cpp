// Changes to a line.
#include "cmd/cli/slip.hpp"

#include <utility>

#include "base/text.hpp"

namespace tunnel::cmd {

CommandLine with_replaced(CommandLine line, std::size_t at, std::string word) {
  line.own[at] = std::move(word);
  return line;
}

CommandLine with_inserted(CommandLine line, std::size_t at, const Words& words) {
  line.own.insert(line.own.begin() + static_cast<Offset>(at), words.begin(), words.end());
  return line;
}

CommandLine with_removed(CommandLine line, std::size_t at, std::size_t count) {
  const auto first = line.own.begin() + static_cast<Offset>(at);
  line.own.erase(first, first + static_cast<Offset>(count));
  return line;
}

std::string in_quotes(std::string_view word) { return '"' + one_line(word) + '"'; }

std::string help_hint(const Reading& reading) {
  return reading.name() + " --help shows what there is";
}

}  // namespace tunnel::cmd
