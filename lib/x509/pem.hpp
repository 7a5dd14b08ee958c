// The certificates in a PEM text (RFC 7468 section 5), and base64 for what is public.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tunnel::x509 {

// Each as DER. Blocks that are not whole or not base64 are passed over, and so is everything
// between blocks. Certificates are public: unlike mbedTLS's decoder, which serves keys too, this
// one is fast and not the same time for all.
std::vector<std::string> certificates_in(std::string_view pem);

// With padding, in one line (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);

}  // namespace tunnel::x509
