// The names in a certificate, and for which hosts and addresses they speak (RFC 9525 section 6, RFC
// 5280 section 4.2.1.6).
#pragma once

#include <mbedtls/x509_crt.h>

#include <string>
#include <string_view>
#include <vector>

namespace tunnel::x509 {

// The kinds of GeneralName, by their tags.
enum class NameKind {
  other = 0,
  mail = 1,
  dns = 2,
  x400 = 3,
  directory = 4,
  edi_party = 5,
  uri = 6,
  address = 7,
  registered_id = 8,
};
constexpr unsigned bit(NameKind kind) { return 1U << static_cast<unsigned>(kind); }

// What a subjectAltName holds, byte for byte: nothing in it has been checked.
struct AlternativeNames {
  std::vector<std::string> dns;
  std::vector<std::string> addresses;
  unsigned kinds = 0;  // bit() of each kind that is there
};
AlternativeNames alternative_names(const mbedtls_x509_crt& certificate);

// Whether two distinguished names are the same to mbedTLS: UTF8String and PrintableString are
// alike, and so are ASCII letters of either case in them.
bool same_name(const mbedtls_x509_name& one, const mbedtls_x509_name& other);

// Whether a dNSName speaks for `host`, which may end in a dot. A "*" may stand for the whole of the
// left-most label alone, and with two labels at least behind it. Case does not matter.
bool speaks_for(std::string_view dns_name, std::string_view host);

}  // namespace tunnel::x509
