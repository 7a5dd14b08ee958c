// Patterns for the names in a client's certificate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel {

// A name that a certificate gives to its holder.
struct PeerName {
  enum class Kind { dns, email, uri, address, common };

  Kind kind = Kind::dns;
  std::string text;  // of an address its 4 or 16 bytes; else as the certificate has it
};

// Which names it is compared with follows from its form: "scheme://..." with URIs, "...@..." with
// e-mail addresses, an IP address with addresses, any other with DNS names; each with common names
// too. The whole name must match, letters without regard to case (ASCII). A "*" stands for one or
// more characters, none of which is a "." (in a DNS name or a common name), a "@" (in an e-mail
// address), a "/" (in a URI) or a control character. There is no "*" for addresses.
class NamePattern {
 public:
  // The hint of an error is a next step.
  static Result<NamePattern> parse(std::string_view text);

  bool matches(const PeerName& name) const;
  const std::string& text() const { return text_; }

 private:
  NamePattern(std::string text, PeerName::Kind kind) : text_(std::move(text)), kind_(kind) {}

  std::string text_;
  PeerName::Kind kind_;
};

}  // namespace tunnel
