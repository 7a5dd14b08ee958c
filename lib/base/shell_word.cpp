// Quotes what isn't certainly plain.
#include "base/shell_word.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace tunnel {

namespace {

#ifdef _WIN32
constexpr std::string_view safe = "-_./\\:=@+{}[]~";
constexpr char quote = '"';
constexpr std::string_view quoted_quote = "\\\"";
#else
constexpr std::string_view safe = "-_./:=@%+{}";  // braces without a comma
constexpr char quote = '\'';
constexpr std::string_view quoted_quote = "'\\''";
#endif

bool is_safe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || safe.find(c) != safe.npos;
}

}  // namespace

std::string shell_word(std::string_view word) {
  const std::string text = one_line(word);
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_safe)) return text;
  std::string out(1, quote);
  for (const char c : text)
    if (c == quote)
      out += quoted_quote;
    else
      out += c;
  return out + quote;
}

}  // namespace tunnel
