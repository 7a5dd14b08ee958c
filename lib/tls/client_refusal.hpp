// The alert by which a server tells a client that its certificate is not let in.
#pragma once

#include <mbedtls/ssl.h>

#include <cstddef>
#include <cstdint>

#include "tls/record/record_layout.hpp"

namespace tunnel::tls {

// Puts the right alert behind the first `kept` bytes of the output, in place of what mbedTLS has
// said since it read the client's last record. `code` is the error of mbedTLS's handshake, `flags`
// what is held against the certificate. Does nothing where `code` is about something else.
//
// mbedTLS says nothing at all to a client of TLS 1.2 without a certificate, tells one of TLS 1.3 an
// alert of SSL 3, and has one alert for most that is wrong with a certificate.
void refuse_client(mbedtls_ssl_context& ssl, int code, std::uint32_t flags, Bytes& output,
                   std::size_t kept);

}  // namespace tunnel::tls
