// What mbedTLS's public functions don't offer, through the private members of a session.
#pragma once

#include <mbedtls/ssl.h>

#include <cstddef>
#include <cstdint>

namespace tunnel::tls {

// The beginning of a record has come, and the rest of it has not.
bool has_partial_record(const mbedtls_ssl_context& ssl);

// The size of the handshake message that is being received, in bytes.
std::size_t message_size(const mbedtls_ssl_context& ssl);

// The description of the alert that ended the session (RFC 8446 section 6).
std::uint8_t received_alert(const mbedtls_ssl_context& ssl);

// Lets a server skip 0-RTT data that was meant for an earlier one (RFC 8446 section 4.2.10): up to
// 64 KiB, four times what is common. After mbedtls_ssl_setup().
void skip_early_data(mbedtls_ssl_context& ssl);

// Encrypts a TLS 1.3 server's alerts with the keys of data from now on, as a client reads them
// after the server's Finished (RFC 8446 section 4.4.4); mbedTLS would still use those of the
// handshake. Its own switch at the end of the handshake comes to the same. Does nothing before the
// server's Finished, and in TLS 1.2.
void encrypt_alerts_with_data_keys(mbedtls_ssl_context& ssl);

// Call where the only record since encrypt_alerts_with_data_keys() has been taken out of the output
// again: another one may take its place. False if that hasn't switched the keys.
bool forget_last_alert(mbedtls_ssl_context& ssl);

}  // namespace tunnel::tls
