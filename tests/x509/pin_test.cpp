// The pin of a certificate.
#include "x509/pin.hpp"

#include <doctest/doctest.h>

#include "x509/certificates.hpp"
#include "x509/pem.hpp"

namespace tunnel::x509 {
namespace {

TEST_CASE("a pin is the one that openssl computes") {
  // openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary |
  // base64
  constexpr std::string_view pem = R"(
-----BEGIN CERTIFICATE-----
MIIBhjCCAS2gAwIBAgIUIA/kms1nAFuHrc1cCZqx6j4uaSkwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNcmVsYXkuZXhhbXBsZTAgFw0yNjExMjIyMTUzNTdaGA8yMTI2
MTAyOTIxNTM1N1owGDEWMBQGA1UEAwwNcmVsYXkuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABBOgrnsG4vHI0/v6G66bpz+yS9QRBt9RLPy0UqXyeMX+
jixYQKQXncNiKqQv56EmKfSfykYPnYEWSYqc7oNJD6GjUzBRMB0GA1UdDgQWBBTR
yZruyt3N8fLvpzNELJeuz7b7ozAfBgNVHSMEGDAWgBTRyZruyt3N8fLvpzNELJeu
z7b7ozAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIADVgY71tpzL
oI4yu0d09nlnDk5AMqvppdGdLRlvq2qQAiAdTnhD0RksXNI2mufZy6VAzm3tLof7
ibAYplAqRD3Fnw==
-----END CERTIFICATE-----
)";
  const auto der = certificates_in(pem);
  REQUIRE_EQ(der.size(), 1);
  Certificates certificates;
  REQUIRE_EQ(mbedtls_x509_crt_parse_der(&certificates.chain,
                                        reinterpret_cast<const unsigned char*>(der[0].data()),
                                        der[0].size()),
             0);
  const auto digest = key_digest(certificates.chain);
  REQUIRE(digest);
  CHECK_EQ(pin_text(*digest), "sha256:ROPLeUWhN9K13riA9OSmU4G5BjLKftZZkZx9B1IZXAU=");
}

}  // namespace
}  // namespace tunnel::x509
