// The certificates in a PEM text (RFC 7468 section 5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tunnel::x509 {

// Each as DER. Blocks that are not whole or not base64 are passed over, and so is everything
// between blocks. Certificates are public: unlike mbedTLS's decoder, which serves keys too, this
// one is fast and not the same time for all.
std::vector<std::string> certificates_in(std::string_view pem);

}  // namespace tunnel::x509
