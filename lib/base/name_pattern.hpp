// Patterns for the names in a client's certificate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel {

// A name in a certificate.
struct PeerName {
  enum class Kind { dns, email, uri, address, common };

  Kind kind = Kind::dns;
  std::string text;  // an address: its 4 or 16 bytes; else as in the certificate
};

// The form decides which names it is compared with: "scheme://..." with URIs, "...@..." with e-mail
// addresses, an IP address with addresses, any other with DNS names; each also with common names.
// The whole name must match, ignoring ASCII case. A "*" matches one or more characters, but no "."
// in a DNS name or a common name, no "@" in an e-mail address, no "/" in a URI, and no control
// character. Addresses have no "*".
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
