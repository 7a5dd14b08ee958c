// Any bytes as a pin, a pattern for names, a name, and a file of known servers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/name_pattern.hpp"
#include "base/pin_text.hpp"
#include "x509/known_servers.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_printable(const std::string& text) {
  for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void try_pin(std::string_view text) {
  using tunnel::parse_pin;
  const auto read = parse_pin(text);
  if (read) {
    require(*read == text && read->size() == 51);
    return;
  }
  require_printable(read.error().what);
  // what is suggested is right
  if (!read.error().hint.empty()) require(parse_pin(read.error().hint).has_value());
}

// The first line is a pattern, the rest a name.
void try_pattern(std::string_view text) {
  using tunnel::NamePattern;
  using tunnel::PeerName;
  const auto end = std::min(text.find('\n'), text.size());
  const auto pattern = NamePattern::parse(text.substr(0, end));
  if (!pattern) return require_printable(pattern.error().what);
  const std::string name(text.substr(std::min(end + 1, text.size())));
  for (const auto kind : {PeerName::Kind::dns, PeerName::Kind::email, PeerName::Kind::uri,
                          PeerName::Kind::address, PeerName::Kind::common}) {
    const bool matches = pattern->matches({kind, name});
    // a pattern without a star is a name, letter for letter
    if (matches && pattern->text().find('*') == std::string::npos &&
        kind != PeerName::Kind::address)
      require(name.size() == pattern->text().size());
    if (matches) require(!name.empty());
  }
}

void try_known_servers(std::string_view text) {
  using tunnel::x509::parse_known_servers;
  const auto read = parse_known_servers(text, "known_servers");
  if (!read) {
    require(read.error().what.starts_with("known_servers:"));
    return require_printable(read.error().what);
  }
  // what has been understood is understood again
  std::string again;
  for (const auto& server : *read) {
    require(server.line > 0);
    again += server.target + " " + server.pin + "\n";
  }
  const auto second = parse_known_servers(again, "known_servers");
  require(second.has_value() && second->size() == read->size());
  for (std::size_t i = 0; i < read->size(); ++i)
    require((*second)[i].target == (*read)[i].target && (*second)[i].pin == (*read)[i].pin);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_pin(text);
  try_pattern(text);
  try_known_servers(text);
  return 0;
}
