// A pin in text: "sha256:" and the SHA-256 of a SubjectPublicKeyInfo in base64.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel {

// The pin in its only spelling, so that equal pins are equal strings: 32 bytes in the standard
// base64 (RFC 4648 section 4), padded. The hint of an error is the pin that was meant, where that
// is clear, else empty.
Result<std::string> parse_pin(std::string_view text);

}  // namespace tunnel
