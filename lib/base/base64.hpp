// Base64 (RFC 4648 section 4), for what is public: not in constant time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel {

// With padding, in one line.
std::string to_base64(std::string_view bytes);

// White space anywhere is skipped; nothing where anything else stands, or where the padding is
// wrong. Bits beyond the last byte are ignored.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tunnel
