// Certificates and keys from files: owners of the mbedTLS objects, and loading with words for what
// fails.
#pragma once

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/wording.hpp"
#include "os/file/file_view.hpp"
#include "x509/password.hpp"

namespace tunnel::x509 {

// Starts PSA, once: without it 4.x reads no key, and so no certificate.
void start_psa();

struct Certificates {
  Certificates() {
    start_psa();
    mbedtls_x509_crt_init(&chain);
  }
  ~Certificates() { mbedtls_x509_crt_free(&chain); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  mbedtls_x509_crt chain;  // the first of a list; version 0 where the list is empty
};

struct PrivateKey {
  PrivateKey() {
    start_psa();
    mbedtls_pk_init(&key);
  }
  ~PrivateKey() { mbedtls_pk_free(&key); }
  PrivateKey(const PrivateKey&) = delete;
  PrivateKey& operator=(const PrivateKey&) = delete;

  mbedtls_pk_context key;
  bool was_encrypted = false;  // in its file
};

// An own chain, leaf first: every certificate in the file must be readable.
Result<std::shared_ptr<Certificates>> load_chain(const std::filesystem::path& path,
                                                 const os::FileView& files = {});

// A private key, PEM (PKCS #8, SEC 1, PKCS #1) or DER. `password` is for one that is encrypted (by
// PBES2, or the way that PEM had before), and null where there is none.
Result<std::shared_ptr<PrivateKey>> load_key(const std::filesystem::path& path,
                                             const Password* password, const Wording& wording,
                                             const os::FileView& files = {});

// Whether the key belongs to the first certificate; the error says what to do.
Result<std::monostate> check_pair(const Certificates& certificates, const PrivateKey& key);

// Whether the certificate may be used on that side: the extended key usage, where there is one,
// must have serverAuth or clientAuth (RFC 5280 section 4.2.1.12).
bool is_for(const mbedtls_x509_crt& certificate, bool client);

// Every name in the certificate's subjectAltName, for people: dNSNames escaped, iPAddresses as
// text.
std::vector<std::string> names_of(const mbedtls_x509_crt& certificate);

}  // namespace tunnel::x509
