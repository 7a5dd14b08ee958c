// Whether a peer's certificates are believed.
#include "tls/verification.hpp"

#include <algorithm>
#include <utility>

#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/der.hpp"
#include "x509/name_constraints.hpp"
#include "x509/pin.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::tls {

namespace {

// What mbedTLS tells the peer: an alert for each of its own flags, "bad certificate" for others.
std::uint32_t flag_of(Flaw flaw) {
  switch (flaw) {
    case Flaw::expired:
      return MBEDTLS_X509_BADCERT_EXPIRED;
    case Flaw::not_yet_valid:
      return MBEDTLS_X509_BADCERT_FUTURE;
    case Flaw::revoked:
      return MBEDTLS_X509_BADCERT_REVOKED;
    case Flaw::self_signed:
    case Flaw::unknown_issuer:
    case Flaw::not_by_the_issuer:
      return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    case Flaw::weak_signature:
      return MBEDTLS_X509_BADCERT_BAD_MD;
    case Flaw::weak_key:
      return MBEDTLS_X509_BADCERT_BAD_KEY;
    case Flaw::no_name:
    case Flaw::wrong_name:
      return MBEDTLS_X509_BADCERT_CN_MISMATCH;
    case Flaw::no_usage:
    case Flaw::other_usage:
      return MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    default:
      return MBEDTLS_X509_BADCERT_OTHER;
  }
}

// What is left in the flags without having gone through the path: mbedTLS looks at the usage again
// when all certificates have been seen.
Refusal refusal_for(std::uint32_t flags) {
  if ((flags & MBEDTLS_X509_BADCERT_MISSING) != 0) return {Flaw::missing};
  if ((flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE)) != 0)
    return {Flaw::other_usage};
  if ((flags & MBEDTLS_X509_BADCERT_BAD_KEY) != 0)
    return {Flaw::weak_key, "", "its kind or its curve is not accepted"};
  return {Flaw::unknown, "", "by the TLS library"};
}

std::string bytes_of(const mbedtls_x509_crt& certificate) {
  return std::string(view_of(certificate.raw));
}

}  // namespace

struct Verification::SystemPath {
  Certificates certificates;
  Certificates authority;
};

Verification::Verification(const Rules& rules, ServerName name)
    : rules_(rules), name_(std::move(name)), identity_(rules, name_.target) {}
Verification::~Verification() = default;

void Verification::keep() { kept_.emplace(); }

Result<std::monostate> Verification::settle() {
  return kept_ ? std::monostate{} : identity_.settle();
}

PeerCertificates Verification::shown(const std::string& peer) const {
  PeerCertificates out;
  if (!kept_) return out;
  out.path = kept_->path;
  if (kept_->chain) out.chain = explain(peer, *kept_->chain);
  if (kept_->name) out.name = explain(peer, *kept_->name);
  return out;
}

void Verification::look_at(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
  if (!std::exchange(seen_, true)) trust_ = new_trust();
  path_.push_back({&certificate, std::exchange(flags, 0)});
  if (depth > 0) return;
  if (rules_.chain)
    refusal_ = judge(certificate);
  else if (kept_)
    kept_->path = summaries_of(certificate);
  if (refusal_) flags = flag_of(refusal_->flaw);
  path_.clear();
  system_path_.reset();
  identity_.look_at(certificate, flags);
}

std::optional<Refusal> Verification::judge(const mbedtls_x509_crt& leaf) {
  keep_facts(leaf);
  auto refusal = check();
  // no other path makes up for what the leaf itself lacks
  const bool about_the_path =
      refusal &&
      (!refusal->authority.empty() || flag_of(refusal->flaw) == MBEDTLS_X509_BADCERT_NOT_TRUSTED);
  if (about_the_path && rules_.system && ask_system(leaf)) refusal = check();
  if (refusal && refusal->detail.empty() &&
      flag_of(refusal->flaw) == MBEDTLS_X509_BADCERT_NOT_TRUSTED)
    refusal->detail = system_said_;

  if (kept_) {
    for (const PathItem& item : path_)
      kept_->path.insert(kept_->path.begin(), summary_of(*item.certificate));
    kept_->chain = check_but_names(path_, question());
    kept_->name = check_names(path_, question());
    if (refusal && kept_->chain && kept_->chain->detail.empty())
      kept_->chain->detail = refusal->detail;
  }

  trust_ = new_trust();
  for (const PathItem& item : path_) {
    trust_.ends = std::min(trust_.ends, time_of(item.certificate->valid_to));
    if (rules_.lists)
      if (const auto* list = list_for(*rules_.lists, *item.certificate))
        trust_.ends = std::min(trust_.ends, time_of(list->next_update));
  }
  return refusal;
}

std::optional<Refusal> Verification::check() const { return check_path(path_, question()); }

PathQuestion Verification::question() const {
  return {rules_.peer_is_client, name_, rules_.lists.get(),
          rules_.authorities ? &rules_.authorities->chain : nullptr};
}

// Where the system vouches, the path that it has built takes the place of mbedTLS's, and is gone
// through by mbedTLS like any other: the system adds an authority, and no rule is spared.
bool Verification::ask_system(const mbedtls_x509_crt& leaf) {
  os::Chain presented;
  for (const auto* item = &leaf; item != nullptr; item = item->next)
    presented.push_back(bytes_of(*item));
  const auto trusted = rules_.system(presented, rules_.peer_is_client);
  if (!trusted) {
    system_said_ = trusted.error().what;
    return false;
  }
  if (trusted->empty() || trusted->front() != presented.front()) return false;
  auto built = std::make_unique<SystemPath>();
  const std::size_t below = std::max<std::size_t>(1, trusted->size() - 1);
  for (std::size_t i = 0; i < below; ++i)
    if (!add_certificate(built->certificates, (*trusted)[i])) return false;
  if (!add_certificate(built->authority, trusted->back())) return false;

  const auto collect = [](void* path, mbedtls_x509_crt* certificate, int, std::uint32_t* flags) {
    try {
      static_cast<std::vector<PathItem>*>(path)->push_back({certificate, std::exchange(*flags, 0)});
      return 0;
    } catch (const std::bad_alloc&) {
      return MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
  };
  std::vector<PathItem> path;
  std::uint32_t flags = 0;
  // mbedTLS takes the lists as pointers to non-const, and does not write to them
  auto* lists = rules_.lists ? const_cast<mbedtls_x509_crl*>(&rules_.lists->first) : nullptr;
  if (mbedtls_x509_crt_verify_with_profile(&built->certificates.chain, &built->authority.chain,
                                           lists, &mbedtls_x509_crt_profile_default, nullptr,
                                           &flags, collect, &path) != 0 ||
      path.empty())
    return false;
  path_ = std::move(path);
  system_path_ = std::move(built);
  return true;
}

void Verification::keep_facts(const mbedtls_x509_crt& leaf) {
  facts_.names = names_of(leaf);
  facts_.issuer = quoted_name(path_.front().certificate->issuer);
  if (const auto digest = key_digest(leaf)) facts_.pin = pin_text(*digest);
  facts_.alone = leaf.next == nullptr;
}

Error Verification::explain(const std::string& peer, std::uint32_t flags) const {
  return explain(peer, refusal_ ? *refusal_ : refusal_for(flags));
}

Error Verification::explain(const std::string& peer, const Refusal& refusal) const {
  return explain_certificate({peer, name_.text, rules_.peer_is_client, now_in_seconds()}, facts_,
                             refusal);
}

}  // namespace tunnel::tls
