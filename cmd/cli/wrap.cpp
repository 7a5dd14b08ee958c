// Breaks lines at blanks.
#include "cmd/cli/wrap.hpp"

#include <algorithm>

namespace tunnel::cmd {

std::string wrapped(std::string_view text, std::size_t used, std::size_t indent) {
  std::string out;
  bool begun = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (begun && used + 1 + end > screen_width) {
      out += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (begun) {
      out += ' ';
      ++used;
    }
    out += text.substr(0, end);
    used += end;
    begun = true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + '\n';
}

}  // namespace tunnel::cmd
