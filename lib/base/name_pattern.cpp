// Reading and matching patterns for names.
#include "base/name_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/host.hpp"
#include "base/text.hpp"

namespace tunnel {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Greedy, and backtracks to the last "*" only, which is enough: quadratic at worst. A "*" doesn't
// match `separator`.
bool matches_glob(std::string_view pattern, std::string_view text, char separator) {
  const auto star_matches = [&](char c) { return c != separator && !is_control(c); };
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = pattern.npos;  // position of the last "*"
  std::size_t mark = 0;             // end of the text that it has matched so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      if (!star_matches(text[t])) return false;
      star = p++;
      mark = ++t;  // one at least
    } else if (p < pattern.size() && lower_case(pattern[p]) == lower_case(text[t])) {
      ++p;
      ++t;
    } else if (star != pattern.npos && star_matches(text[mark])) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  return p == pattern.size();
}

}  // namespace

Result<NamePattern> NamePattern::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why, std::string hint) {
    return Error{fmt::format("\"{}\" {}", escaped(text), why), std::move(hint)};
  };
  if (std::any_of(text.begin(), text.end(), is_control))
    return wrong("holds a control character", "");
  if (text.find_first_not_of("*.@/:") == text.npos)
    return wrong(
        "lets every name in",
        "name the clients that may connect, or give no pattern to let in any client with a trusted "
        "certificate");
  if (text.find("**") != text.npos)
    return wrong("has two \"*\" in a row", "one \"*\" stands for one or more characters");
  if (const auto bytes = address_bytes(text)) {
    if (text.find('%') != text.npos)
      return wrong("has a zone, which no certificate has", "leave out what begins with \"%\"");
    return NamePattern(std::string(text), PeerName::Kind::address);
  }
  if (text.find("://") != text.npos) return NamePattern(std::string(text), PeerName::Kind::uri);
  if (text.find('@') != text.npos) return NamePattern(std::string(text), PeerName::Kind::email);
  return NamePattern(std::string(text), PeerName::Kind::dns);
}

bool NamePattern::matches(const PeerName& name) const {
  if (name.text.empty()) return false;
  if (name.kind == PeerName::Kind::address) {
    if (kind_ != PeerName::Kind::address) return false;
    const auto bytes = address_bytes(text_);
    return bytes &&
           std::equal(bytes->begin(), bytes->end(), name.text.begin(), name.text.end(),
                      [](std::uint8_t a, char b) { return a == static_cast<unsigned char>(b); });
  }
  if (name.kind != kind_ && name.kind != PeerName::Kind::common) return false;
  switch (kind_) {
    case PeerName::Kind::email:
      return matches_glob(text_, name.text, '@');
    case PeerName::Kind::uri:
      return matches_glob(text_, name.text, '/');
    default:
      return matches_glob(text_, name.text, '.');
  }
}

}  // namespace tunnel
