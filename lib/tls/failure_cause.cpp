// From mbedTLS's code to a cause.
#include "tls/failure_cause.hpp"

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <array>

#include "tls/protocol_mismatch.hpp"
#include "tls/ssl_compat.hpp"
#include "x509/pk_compat.hpp"

namespace tunnel::tls {

namespace {

// mbedTLS adds a code of a lower layer to one of its own, such as -0x2500 + -0x62.
bool is_of_certificate(int code) {
  constexpr int first = MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;  // -0x2080
  constexpr int last = MBEDTLS_ERR_X509_FATAL_ERROR;           // -0x3000
  return (code <= first && code >= last) || code == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG ||
         code == MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE || x509::is_of_asn1(code);
}

// In 4.x these are one and the same.
bool is_out_of_memory(int code) { return code == out_of_memory || code == x509::out_of_memory; }

}  // namespace

std::string_view name_of(FailureCause cause) {
  static constexpr std::array<std::string_view, failure_causes> names = {
      "timeout", "closed",   "not_tls", "unsupported", "certificate",
      "alert",   "protocol", "stopped", "internal"};
  return names[static_cast<std::size_t>(cause)];
}

FailureCause cause_of(const Failure& failure) {
  if (!may_be_tls(failure.first_bytes)) return FailureCause::not_tls;
  if (is_out_of_memory(failure.code)) return FailureCause::internal;
  switch (failure.code) {
    case 0:
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return FailureCause::closed;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return FailureCause::alert;
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
      return FailureCause::unsupported;
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
    case MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED:
      return FailureCause::certificate;
    case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
      return FailureCause::internal;
    default:
      return is_of_certificate(failure.code) ? FailureCause::certificate : FailureCause::protocol;
  }
}

}  // namespace tunnel::tls
