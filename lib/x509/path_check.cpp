// What mbedTLS does not ask of a path of certificates.
#include "x509/path_check.hpp"

#include <fmt/format.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>

#include <algorithm>
#include <array>

#include "base/host.hpp"
#include "x509/der.hpp"
#include "x509/extensions.hpp"
#include "x509/name_constraints.hpp"
#include "x509/names.hpp"
#include "x509/pk_compat.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::x509 {

namespace {

std::string_view digest_text(mbedtls_md_type_t digest) {
  switch (digest) {
    case MBEDTLS_MD_SHA1:
      return "SHA-1";
    case MBEDTLS_MD_SHA224:
      return "SHA-224";
    case MBEDTLS_MD_MD5:
      return "MD5";
    default:
      return "an unknown digest";
  }
}

// "RSA of 1024 bits" where that is too little.
std::optional<std::string> weakness(const mbedtls_x509_crt& certificate) {
  const std::size_t bits = mbedtls_pk_get_bitlen(&certificate.pk);
  const bool rsa = is_rsa(certificate.pk);
  if (rsa && bits < 2048) return fmt::format("RSA of {} bits", bits);
  if (!rsa && bits < 256) return fmt::format("EC of {} bits", bits);
  return std::nullopt;
}

// What in the certificate limits it in a way that nobody enforces; nothing where all is known.
std::optional<std::string> unknown_constraint(const mbedtls_x509_crt& certificate) {
  const auto extensions = extensions_of(certificate);
  if (!extensions) return "its extensions cannot be read";
  // read by mbedTLS, here, or of no consequence for trust
  static constexpr std::array known = {oid_of(MBEDTLS_OID_BASIC_CONSTRAINTS),
                                       oid_of(MBEDTLS_OID_KEY_USAGE),
                                       oid_of(MBEDTLS_OID_EXTENDED_KEY_USAGE),
                                       oid_of(MBEDTLS_OID_SUBJECT_ALT_NAME),
                                       oid_of(MBEDTLS_OID_NAME_CONSTRAINTS),
                                       oid_of(MBEDTLS_OID_CERTIFICATE_POLICIES),
                                       oid_of(MBEDTLS_OID_NS_CERT_TYPE),
                                       oid_of(MBEDTLS_OID_SUBJECT_KEY_IDENTIFIER),
                                       oid_of(MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER)};
  for (const Extension& extension : *extensions) {
    // whoever demands a policy demands that somebody checks it (RFC 5280 section 4.2.1.11)
    if (extension.oid == oid_of(MBEDTLS_OID_POLICY_CONSTRAINTS)) return "policy constraints";
    if (extension.critical && std::find(known.begin(), known.end(), extension.oid) == known.end())
      return "critical extension " + oid_text(extension.oid);
    const auto same = [&](const Extension& other) { return other.oid == extension.oid; };
    if (std::count_if(extensions->begin(), extensions->end(), same) > 1)
      return fmt::format("extension {} is there twice", oid_text(extension.oid));
  }
  return std::nullopt;
}

bool has_name_constraints(const mbedtls_x509_crt& certificate) {
  const auto extensions = extensions_of(certificate);
  return extensions && std::ranges::any_of(*extensions, [](const Extension& extension) {
           return extension.oid == oid_of(MBEDTLS_OID_NAME_CONSTRAINTS);
         });
}

class Check {
 public:
  Check(std::span<const PathItem> path, const PathQuestion& question)
      : path_(path), question_(question), leaf_(*path.back().certificate) {}

  std::optional<Refusal> run(bool names = true) const {
    for (const auto step : {&Check::time, &Check::revoked, &Check::trust, &Check::lists,
                            &Check::strength, &Check::constraints, &Check::leaf_kind,
                            &Check::leaf_names, &Check::usages, &Check::others})
      if (names || step != &Check::leaf_names)
        if (auto refusal = (this->*step)()) return refusal;
    return std::nullopt;
  }

  std::optional<Refusal> leaf_names() const;

 private:
  using Answer = std::optional<Refusal>;

  bool is_leaf(const PathItem& item) const { return item.certificate == &leaf_; }
  // Of a path that is trusted: its top is the authority, which is believed as it is.
  bool is_anchor(const PathItem& item) const { return &item == path_.data(); }
  bool leaf_is_anchor() const { return path_.size() == 1; }
  Refusal refusal(Flaw flaw, const PathItem& item, std::string detail = {}) const {
    return {flaw, is_leaf(item) ? "" : quoted_name(item.certificate->subject), std::move(detail)};
  }
  // The first from the leaf upwards that has one of these flags.
  const PathItem* flagged(std::uint32_t flags) const {
    for (std::size_t i = path_.size(); i-- > 0;)
      if ((path_[i].flags & flags) != 0) return &path_[i];
    return nullptr;
  }

  Answer time() const {
    if (const PathItem* item = flagged(MBEDTLS_X509_BADCERT_EXPIRED)) {
      Refusal out = refusal(Flaw::expired, *item);
      out.time = time_of(item->certificate->valid_to);
      return out;
    }
    if (const PathItem* item = flagged(MBEDTLS_X509_BADCERT_FUTURE)) {
      Refusal out = refusal(Flaw::not_yet_valid, *item);
      out.time = time_of(item->certificate->valid_from);
      return out;
    }
    return std::nullopt;
  }

  Answer revoked() const {
    const PathItem* item = flagged(MBEDTLS_X509_BADCERT_REVOKED);
    if (item == nullptr) return std::nullopt;
    Refusal out = refusal(Flaw::revoked, *item);
    if (question_.lists != nullptr)
      if (const auto* when = revoked_at(*question_.lists, *item->certificate))
        out.time = time_of(*when);
    return out;
  }

  Answer trust() const {
    const PathItem& top = path_.front();
    if ((top.flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0) {
      // a signature in the middle of the path
      if (const PathItem* item = flagged(MBEDTLS_X509_BADCERT_NOT_TRUSTED))
        return refusal(Flaw::not_by_the_issuer, *item);
      return std::nullopt;
    }
    // a peer may send the root too: that does not make its own certificate self-signed
    if (leaf_is_anchor() && is_self_issued(leaf_)) return refusal(Flaw::self_signed, top);
    for (const auto* known = question_.authorities; known != nullptr; known = known->next)
      if (known->version != 0 &&
          view_of(known->subject_raw) == view_of(top.certificate->issuer_raw))
        return Refusal{Flaw::not_by_the_issuer};
    return Refusal{Flaw::unknown_issuer};
  }

  Answer lists() const {
    if (question_.lists == nullptr) return std::nullopt;
    const auto about = [&](Flaw flaw, const PathItem& item) {
      return refusal(flaw, item, quoted_name(item.certificate->issuer));
    };
    constexpr std::uint32_t not_valid = MBEDTLS_X509_BADCRL_NOT_TRUSTED |
                                        MBEDTLS_X509_BADCRL_FUTURE | MBEDTLS_X509_BADCRL_BAD_MD |
                                        MBEDTLS_X509_BADCRL_BAD_PK | MBEDTLS_X509_BADCRL_BAD_KEY;
    if (const PathItem* item = flagged(not_valid)) return about(Flaw::list_not_valid, *item);
    if (const PathItem* item = flagged(MBEDTLS_X509_BADCRL_EXPIRED)) {
      Refusal out = about(Flaw::list_expired, *item);
      if (const auto* list = list_for(*question_.lists, *item->certificate))
        out.time = time_of(list->next_update);
      return out;
    }
    // mbedTLS asks those lists that there are; for the leaf there must be one. Nobody but its
    // owner could revoke a certificate that is trusted itself.
    if (!leaf_is_anchor() && list_for(*question_.lists, leaf_) == nullptr)
      return about(Flaw::no_list, path_.back());
    return std::nullopt;
  }

  Answer strength() const {
    if (const PathItem* item = flagged(MBEDTLS_X509_BADCERT_BAD_MD))
      return refusal(Flaw::weak_signature, *item,
                     std::string(digest_text(item->certificate->MBEDTLS_PRIVATE(sig_md))));
    // the flag of a key is also set on those whom it has signed
    for (std::size_t i = path_.size(); i-- > 0;)
      if (auto weak = weakness(*path_[i].certificate))
        return refusal(Flaw::weak_key, path_[i], std::move(*weak));
    if (const PathItem* item = flagged(MBEDTLS_X509_BADCERT_BAD_KEY | MBEDTLS_X509_BADCERT_BAD_PK))
      return refusal(Flaw::weak_key, *item, "its kind or its curve is not accepted");
    return std::nullopt;
  }

  Answer constraints() const {
    NameConstraints limits;
    for (const PathItem& item : path_) {
      const mbedtls_x509_crt& certificate = *item.certificate;
      if (auto unknown = unknown_constraint(certificate))
        return refusal(Flaw::unknown_constraint, item, std::move(*unknown));
      // a leaf is held to its own limits too; an authority that has renewed its own key is not
      // held to those of its former self (RFC 5280 section 6.1.3)
      if (is_leaf(item) && !limits.add(certificate))
        return refusal(Flaw::unknown_constraint, item, "its name constraints cannot be read");
      if (!is_anchor(item) && (is_leaf(item) || !is_self_issued(certificate)))
        if (auto reason = limits.refuses(certificate, is_leaf(item) && question_.peer_is_client))
          return refusal(Flaw::name_not_permitted, item, std::move(*reason));
      if (!is_leaf(item) && !limits.add(certificate))
        return refusal(Flaw::unknown_constraint, item, "its name constraints cannot be read");
    }
    return std::nullopt;
  }

  Answer leaf_kind() const {
    if (leaf_.version != 3)
      return refusal(Flaw::old_version, path_.back(), fmt::format("{}", leaf_.version));
    // only an authority may have them (RFC 5280 section 4.2.1.10)
    if (mbedtls_x509_crt_get_ca_istrue(&leaf_) != 1 && has_name_constraints(leaf_))
      return refusal(Flaw::unknown_constraint, path_.back(),
                     "name constraints, which only an authority may have");
    // openssl req -x509 makes authorities; naming that very certificate is meant
    if (!leaf_is_anchor() && mbedtls_x509_crt_get_ca_istrue(&leaf_) == 1)
      return refusal(Flaw::authority_as_leaf, path_.back());
    return std::nullopt;
  }

  Answer usages() const {
    const Usage leaf = usage_for(leaf_, question_.peer_is_client);
    if (leaf == Usage::other) return refusal(Flaw::other_usage, path_.back());
    // without the extension a certificate is for every use (RFC 5280 section 4.2.1.12), but a
    // public authority has to write it
    if ((leaf == Usage::absent || leaf == Usage::any) && !leaf_is_anchor() &&
        !is_among(question_.named, *path_.front().certificate))
      return refusal(Flaw::no_usage, path_.back());
    if (mbedtls_x509_crt_has_ext_type(&leaf_, MBEDTLS_X509_EXT_KEY_USAGE) != 0 &&
        mbedtls_x509_crt_check_key_usage(&leaf_, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) != 0)
      return refusal(Flaw::other_usage, path_.back(), "its key usage must have digitalSignature");
    // what an authority is for limits what it may issue
    for (const PathItem& item : path_)
      if (!is_leaf(item) && usage_for(*item.certificate, question_.peer_is_client) == Usage::other)
        return refusal(Flaw::other_usage, item);
    return std::nullopt;
  }

  // Whatever mbedTLS may hold against it that has no words here. Its own opinion of the name does
  // not count: it believes common names.
  Answer others() const {
    for (const PathItem& item : path_) {
      const std::uint32_t left =
          item.flags & ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_CN_MISMATCH);
      if (left != 0) return refusal(Flaw::unknown, item, "by the TLS library");
    }
    return std::nullopt;
  }

  std::span<const PathItem> path_;
  const PathQuestion& question_;
  const mbedtls_x509_crt& leaf_;
};

std::optional<Refusal> Check::leaf_names() const {
  if (question_.peer_is_client) return std::nullopt;
  const AlternativeNames names = alternative_names(leaf_);
  if (names.dns.empty() && names.addresses.empty()) return refusal(Flaw::no_name, path_.back());
  bool found = false;
  if (question_.name.is_address) {
    // only iPAddress speaks for an address (RFC 9525 section 6.5)
    if (const auto address = address_bytes(question_.name.text))
      found = std::find(names.addresses.begin(), names.addresses.end(),
                        std::string(address->begin(), address->end())) != names.addresses.end();
  } else {
    found = std::any_of(names.dns.begin(), names.dns.end(), [&](const std::string& name) {
      return speaks_for(name, question_.name.text);
    });
  }
  if (!found) return refusal(Flaw::wrong_name, path_.back());
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_path(std::span<const PathItem> path, const PathQuestion& question) {
  return Check(path, question).run();
}

std::optional<Refusal> check_names(std::span<const PathItem> path, const PathQuestion& question) {
  return Check(path, question).leaf_names();
}

std::optional<Refusal> check_but_names(std::span<const PathItem> path,
                                       const PathQuestion& question) {
  return Check(path, question).run(false);
}

bool is_among(const mbedtls_x509_crt* list, const mbedtls_x509_crt& certificate) {
  for (; list != nullptr; list = list->next)
    if (list->version != 0 && view_of(list->raw) == view_of(certificate.raw)) return true;
  return false;
}

Usage usage_for(const mbedtls_x509_crt& certificate, bool client) {
  if (mbedtls_x509_crt_has_ext_type(&certificate, MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE) == 0)
    return Usage::absent;
  const std::string_view wanted =
      client ? oid_of(MBEDTLS_OID_CLIENT_AUTH) : oid_of(MBEDTLS_OID_SERVER_AUTH);
  Usage out = Usage::other;
  for (const auto* item = &certificate.ext_key_usage; item != nullptr; item = item->next) {
    if (item->buf.p == nullptr) continue;
    if (view_of(item->buf) == wanted) return Usage::named;
    if (view_of(item->buf) == oid_of(MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE)) out = Usage::any;
  }
  return out;
}

}  // namespace tunnel::x509
