// The members, which may differ between lines of mbedTLS.
#include "tls/mbedtls_private.hpp"

#include <algorithm>

namespace tunnel::tls {

bool has_partial_record(const mbedtls_ssl_context& ssl) { return ssl.MBEDTLS_PRIVATE(in_left) > 0; }

std::size_t message_size(const mbedtls_ssl_context& ssl) { return ssl.MBEDTLS_PRIVATE(in_hslen); }

std::uint8_t received_alert(const mbedtls_ssl_context& ssl) {
  const unsigned char* message = ssl.MBEDTLS_PRIVATE(in_msg);
  return message != nullptr ? message[1] : std::uint8_t{0};
}

void skip_early_data([[maybe_unused]] mbedtls_ssl_context& ssl) {
#if defined(MBEDTLS_SSL_EARLY_DATA)
  ssl.MBEDTLS_PRIVATE(session_negotiate)->MBEDTLS_PRIVATE(max_early_data_size) = 64 * 1024;
#endif
}

void encrypt_alerts_with_data_keys(mbedtls_ssl_context& ssl) {
  auto* keys_of_data = ssl.MBEDTLS_PRIVATE(transform_application);
  if (keys_of_data == nullptr || ssl.MBEDTLS_PRIVATE(transform_out) == keys_of_data) return;
  ssl.MBEDTLS_PRIVATE(transform_out) = keys_of_data;
  std::ranges::fill(ssl.MBEDTLS_PRIVATE(cur_out_ctr), 0);
}

bool forget_last_alert(mbedtls_ssl_context& ssl) {
  const auto* keys_of_data = ssl.MBEDTLS_PRIVATE(transform_application);
  if (keys_of_data == nullptr || ssl.MBEDTLS_PRIVATE(transform_out) != keys_of_data) return false;
  std::ranges::fill(ssl.MBEDTLS_PRIVATE(cur_out_ctr), 0);
  return true;
}

}  // namespace tunnel::tls
