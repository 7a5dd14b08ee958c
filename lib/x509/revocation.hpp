// The lists of revoked certificates that a service goes by (RFC 5280 section 5).
#pragma once

#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "os/file/file_view.hpp"

namespace tunnel::x509 {

struct RevocationLists {
  RevocationLists() { mbedtls_x509_crl_init(&first); }
  ~RevocationLists() { mbedtls_x509_crl_free(&first); }
  RevocationLists(const RevocationLists&) = delete;
  RevocationLists& operator=(const RevocationLists&) = delete;

  mbedtls_x509_crl first;  // of a list that is never empty
};

// A file of PEM with one list or several, or of DER with one. Who signed them is seen when a
// certificate of the same issuer is checked.
Result<std::shared_ptr<const RevocationLists>> load_revocation_lists(
    const std::filesystem::path& path, const os::FileView& files = {});

// The list by the issuer of this certificate with the earliest end; null where there is none.
const mbedtls_x509_crl* list_for(const RevocationLists& lists, const mbedtls_x509_crt& certificate);

// When the certificate was revoked; null where no list by its issuer says so.
const mbedtls_x509_time* revoked_at(const RevocationLists& lists,
                                    const mbedtls_x509_crt& certificate);

}  // namespace tunnel::x509
