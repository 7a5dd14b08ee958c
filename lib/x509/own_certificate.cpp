// A server's own certificate as its clients will see it.
#include "x509/own_certificate.hpp"

#include <fmt/format.h>
#include <mbedtls/oid.h>  // for mbedtls_x509_crt_has_ext_type

#include <optional>

#include "base/path.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "x509/certificates.hpp"
#include "x509/der.hpp"
#include "x509/extensions.hpp"
#include "x509/names.hpp"
#include "x509/pin.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::x509 {

namespace {

namespace fs = std::filesystem;
using Doubt = std::optional<Error>;

// That it expires is the CertificateMonitor's to say.
Doubt about_time(const mbedtls_x509_crt& leaf, const std::string& file,
                 std::chrono::sys_seconds now) {
  const auto begins = time_of(leaf.valid_from);
  if (begins <= now) return std::nullopt;
  return Error{fmt::format("the certificate in {} is valid only from {}: until then clients that "
                           "verify refuse it",
                           file, time_text(begins)),
               fmt::format("is the clock here right? it says {}", time_text(now))};
}

Doubt about_names(const mbedtls_x509_crt& leaf, const std::string& file) {
  const AlternativeNames names = alternative_names(leaf);
  if (!names.dns.empty() || !names.addresses.empty()) return std::nullopt;
  const auto digest = key_digest(leaf);
  return Error{
      fmt::format("the certificate in {} has no subjectAltName: clients that verify "
                  "refuse it",
                  file),
      fmt::format("make one with -addext subjectAltName=DNS:NAME, or tunnel keygen NAME{}",
                  digest ? fmt::format("; or clients write pin = \"{}\"", pin_text(*digest)) : "")};
}

Doubt about_usage(const mbedtls_x509_crt& leaf, const std::string& file) {
  if (mbedtls_x509_crt_has_ext_type(&leaf, MBEDTLS_X509_EXT_KEY_USAGE) == 0 ||
      mbedtls_x509_crt_check_key_usage(&leaf, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) == 0)
    return std::nullopt;
  return Error{fmt::format("the certificate in {} may not sign a handshake: its key usage lacks "
                           "digitalSignature, and clients refuse it",
                           file),
               "make one with keyUsage=digitalSignature"};
}

// The first certificate of a file beside `certificate`, where it is a chain that can be read.
std::shared_ptr<Certificates> beside(const fs::path& certificate, const char* name,
                                     const os::FileView& files) {
  const fs::path path = certificate.parent_path() / name;
  if (!files.is_file(path)) return nullptr;
  auto chain = load_chain(path, files);
  return chain ? *chain : nullptr;
}

// An address where the issuer's certificate can be fetched: private authorities have none, and
// their clients know the issuer itself.
bool names_issuers_file(const mbedtls_x509_crt& leaf) {
  constexpr std::string_view authority_info_access("\x2b\x06\x01\x05\x05\x07\x01\x01", 8);
  constexpr std::string_view issuers("\x2b\x06\x01\x05\x05\x07\x30\x02", 8);
  const auto extensions = extensions_of(leaf);
  if (!extensions) return false;
  for (const Extension& extension : *extensions)
    if (extension.oid == authority_info_access)
      return extension.value.find(issuers) != extension.value.npos;
  return false;
}

Doubt about_chain(const mbedtls_x509_crt& leaf, const fs::path& path, const os::FileView& files) {
  if (leaf.next != nullptr || is_self_issued(leaf)) return std::nullopt;
  Error out{fmt::format("{} has the leaf without its issuer's certificate: clients may lack an "
                        "intermediate certificate",
                        shown(path)),
            "append the issuer's certificate to it"};
  if (const auto full = beside(path, "fullchain.pem", files);
      full && full->chain.next != nullptr && view_of(full->chain.raw) == view_of(leaf.raw)) {
    out.hint = fmt::format("name {} instead, which has the chain",
                           shown(path.parent_path() / "fullchain.pem"));
    return out;
  }
  if (const auto chain = beside(path, "chain.pem", files);
      chain && view_of(chain->chain.subject_raw) == view_of(leaf.issuer_raw) &&
      !is_self_issued(chain->chain)) {
    out.hint = fmt::format("append {} to it", shown(path.parent_path() / "chain.pem"));
    return out;
  }
  return names_issuers_file(leaf) ? Doubt(out) : std::nullopt;
}

}  // namespace

std::vector<Error> doubts_about_own(const fs::path& certificate, const fs::path& key,
                                    std::chrono::sys_seconds now, const os::FileView& files) {
  std::vector<Error> out;
  const auto chain = load_chain(certificate, files);
  if (!chain) return out;
  const mbedtls_x509_crt& leaf = (*chain)->chain;
  const std::string file = shown(certificate);
  for (Doubt doubt : {about_time(leaf, file, now), about_names(leaf, file), about_usage(leaf, file),
                      about_chain(leaf, certificate, files)})
    if (doubt) out.push_back(std::move(*doubt));
  if (files.others_can_read(key))
    out.push_back(
        {fmt::format("every user of this machine can read the private key {}", shown(key)),
         "chmod o-rwx " + shell_word(text_of(key))});
  return out;
}

}  // namespace tunnel::x509
