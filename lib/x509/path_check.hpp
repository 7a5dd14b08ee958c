// What mbedTLS does not ask of a path of certificates: the stricter half of verification.
#pragma once

#include <mbedtls/x509_crt.h>

#include <cstdint>
#include <optional>
#include <span>

#include "x509/certificate_errors.hpp"
#include "x509/revocation.hpp"
#include "x509/rules.hpp"

namespace tunnel::x509 {

// One certificate of the path that mbedTLS has built, and what it holds against it:
// MBEDTLS_X509_BADCERT_...
struct PathItem {
  const mbedtls_x509_crt* certificate = nullptr;
  std::uint32_t flags = 0;
};

// What is asked of the path.
struct PathQuestion {
  bool peer_is_client = false;
  ServerName name = {};                           // of a server
  const RevocationLists* lists = nullptr;         // null: nobody asks for revocation
  const mbedtls_x509_crt* authorities = nullptr;  // those that are trusted; for the words alone
  const mbedtls_x509_crt* named = nullptr;        // those of them that the user named
};

// `path` begins with its top (the authority, where mbedTLS has found a trusted one) and ends with
// the leaf, which is always there; a path of one is a leaf that is trusted itself, or by nobody.
// The first reason to refuse it: time, revocation, trust, strength, then what it says.
std::optional<Refusal> check_path(std::span<const PathItem> path, const PathQuestion& question);

// The two halves of it, for whoever wants to know both: whom the leaf speaks for, and all the rest.
std::optional<Refusal> check_names(std::span<const PathItem> path, const PathQuestion& question);
std::optional<Refusal> check_but_names(std::span<const PathItem> path,
                                       const PathQuestion& question);

// Whether that very certificate is in the list; null is an empty one.
bool is_among(const mbedtls_x509_crt* list, const mbedtls_x509_crt& certificate);

// Whether the extended key usage names that side. `purpose` is an OID of mbedtls/oid.h.
enum class Usage { absent, named, any, other };
Usage usage_for(const mbedtls_x509_crt& certificate, bool client);

}  // namespace tunnel::x509
