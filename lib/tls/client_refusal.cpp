// Telling a client that it is not let in.
#include "tls/client_refusal.hpp"

#include <algorithm>

#include "tls/mbedtls_private.hpp"

namespace tunnel::tls {

namespace {

constexpr std::uint8_t certificate_required = 116;  // RFC 8446 section 6.2

std::uint8_t alert_for(int code, std::uint32_t flags) {
  if (code == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE) return certificate_required;
  constexpr std::uint32_t not_looked_at = ~std::uint32_t{0};
  if (flags == not_looked_at) return MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
  if ((flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0) return MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED;
  if ((flags & MBEDTLS_X509_BADCERT_REVOKED) != 0) return MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED;
  if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) return MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA;
  if ((flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
                MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY)) != 0)
    return MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT;
  if ((flags & MBEDTLS_X509_BADCERT_OTHER) != 0) return MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED;
  return MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN;
}

}  // namespace

void refuse_client(mbedtls_ssl_context& ssl, int code, std::uint32_t flags, Bytes& output,
                   std::size_t kept) {
  const bool missing = code == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE;
  if (!missing && code != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED &&
      code != MBEDTLS_ERR_SSL_BAD_CERTIFICATE && code != MBEDTLS_ERR_X509_FATAL_ERROR)
    return;
  if (mbedtls_ssl_get_version_number(&ssl) != MBEDTLS_SSL_VERSION_TLS1_3) {
    // RFC 5246 section 7.4.6
    if (missing)
      mbedtls_ssl_send_alert_message(&ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                     MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
    return;
  }
  if (!forget_last_alert(ssl)) return;
  output.resize(std::min(kept, output.size()));
  mbedtls_ssl_send_alert_message(&ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, alert_for(code, flags));
}

}  // namespace tunnel::tls
