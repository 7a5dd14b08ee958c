// Whether a peer's certificates are believed.
#include "tls/verification.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/host.hpp"
#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/der.hpp"
#include "x509/name_constraints.hpp"
#include "x509/names.hpp"
#include "x509/pin.hpp"
#include "x509/pk_compat.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::tls {

namespace {

// What mbedTLS tells the peer: an alert for each of its own flags, "bad certificate" for others.
std::uint32_t flag_of(x509::Flaw flaw) {
  switch (flaw) {
    case x509::Flaw::expired:
      return MBEDTLS_X509_BADCERT_EXPIRED;
    case x509::Flaw::not_yet_valid:
      return MBEDTLS_X509_BADCERT_FUTURE;
    case x509::Flaw::revoked:
      return MBEDTLS_X509_BADCERT_REVOKED;
    case x509::Flaw::self_signed:
    case x509::Flaw::unknown_issuer:
    case x509::Flaw::not_by_the_issuer:
    case x509::Flaw::too_long:
      return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
    case x509::Flaw::weak_signature:
      return MBEDTLS_X509_BADCERT_BAD_MD;
    case x509::Flaw::weak_key:
      return MBEDTLS_X509_BADCERT_BAD_KEY;
    case x509::Flaw::no_name:
    case x509::Flaw::wrong_name:
      return MBEDTLS_X509_BADCERT_CN_MISMATCH;
    case x509::Flaw::no_usage:
    case x509::Flaw::other_usage:
      return MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    default:
      return MBEDTLS_X509_BADCERT_OTHER;
  }
}

// What is left in the flags without having gone through the path: mbedTLS looks at the usage again
// when all certificates have been seen.
x509::Refusal refusal_for(std::uint32_t flags) {
  if ((flags & MBEDTLS_X509_BADCERT_MISSING) != 0) return {x509::Flaw::missing};
  if ((flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE)) != 0)
    return {x509::Flaw::other_usage};
  if ((flags & MBEDTLS_X509_BADCERT_BAD_KEY) != 0)
    return {x509::Flaw::weak_key, "", "its kind or its curve is not accepted"};
  return {x509::Flaw::unknown, "", "by the TLS library"};
}

// Whether another path to an authority may be without this flaw.
bool depends_on_path(const x509::Refusal& refusal) {
  switch (refusal.flaw) {
    case x509::Flaw::self_signed:
    case x509::Flaw::unknown_issuer:
    case x509::Flaw::not_by_the_issuer:
    case x509::Flaw::list_expired:
    case x509::Flaw::list_not_valid:
    case x509::Flaw::weak_key:            // also set for the key that has signed
    case x509::Flaw::name_not_permitted:  // by an authority
    case x509::Flaw::no_usage:            // which only some authorities demand
    case x509::Flaw::unknown:
      return true;
    default:
      return !refusal.authority.empty();
  }
}

std::string bytes_of(const mbedtls_x509_crt& certificate) {
  return std::string(x509::view_of(certificate.raw));
}

}  // namespace

struct Verification::OtherPath {
  x509::Certificates certificates;
  x509::Certificates authority;
};

Verification::Verification(const x509::Rules& rules, x509::ServerName name)
    : rules_(rules), name_(std::move(name)), identity_(rules, name_.target) {}
Verification::~Verification() = default;

void Verification::keep() { kept_.emplace(); }

Result<std::monostate> Verification::settle() {
  return kept_ ? std::monostate{} : identity_.settle();
}

x509::PeerCertificates Verification::shown(const std::string& peer) const {
  x509::PeerCertificates out;
  if (!kept_) return out;
  out.path = kept_->path;
  if (kept_->chain) out.chain = explain(peer, *kept_->chain);
  if (kept_->name) out.name = explain(peer, *kept_->name);
  out.key_refused = identity_.refuses();
  out.first_use = identity_.is_new();
  return out;
}

void Verification::look_at(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
  if (!std::exchange(seen_, true)) trust_ = new_trust();
  path_.push_back({&certificate, std::exchange(flags, 0)});
  if (depth > 0) return;
  if (rules_.chain)
    refusal_ = judge(certificate);
  else if (kept_)
    kept_->path = x509::summaries_of(certificate);
  if (refusal_) flags = flag_of(refusal_->flaw);
  path_.clear();
  builder_.reset();
  other_path_.reset();
  identity_.look_at(certificate, flags);
  if (rules_.known) trust_.pin = identity_.certificate()->pin;
}

std::optional<x509::Refusal> Verification::judge(const mbedtls_x509_crt& leaf) {
  auto refusal = check();
  if (rules_.authorities) try_other_paths(refusal, leaf, *rules_.authorities);
  // no other path makes up for what the leaf itself lacks
  const bool about_the_path = refusal && depends_on_path(*refusal);
  if (about_the_path && rules_.system && ask_system(leaf)) {
    refusal = check();
    try_other_paths(refusal, other_path_->certificates.chain, other_path_->authority);
  }
  if (about_the_path && refusal && is_named(leaf)) {
    path_ = {{&leaf, path_.back().flags & ~std::uint32_t{MBEDTLS_X509_BADCERT_NOT_TRUSTED}}};
    refusal = check();
  }
  if (refusal && refusal->detail.empty() &&
      flag_of(refusal->flaw) == MBEDTLS_X509_BADCERT_NOT_TRUSTED)
    refusal->detail = system_said_;
  if (refusal || kept_) keep_facts(leaf);

  if (kept_) {
    for (const x509::PathItem& item : path_)
      kept_->path.insert(kept_->path.begin(), x509::summary_of(*item.certificate));
    kept_->chain = x509::check_but_names(path_, question());
    kept_->name = x509::check_names(path_, question());
    if (refusal && kept_->chain && kept_->chain->detail.empty())
      kept_->chain->detail = refusal->detail;
  }

  trust_ = new_trust();
  for (const x509::PathItem& item : path_) {
    trust_.ends = std::min(trust_.ends, x509::time_of(item.certificate->valid_to));
    if (rules_.lists)
      if (const auto* list = x509::list_for(*rules_.lists, *item.certificate))
        trust_.ends = std::min(trust_.ends, x509::time_of(list->next_update));
  }
  return refusal;
}

std::optional<x509::Refusal> Verification::check() const {
  return x509::check_path(path_, question());
}

x509::PathQuestion Verification::question() const {
  return {rules_.peer_is_client, name_, rules_.lists.get(),
          rules_.authorities ? &rules_.authorities->chain : nullptr,
          rules_.named ? &rules_.named->chain : nullptr};
}

// mbedTLS takes a leaf for an authority only where it is self-signed. One that another has issued
// could be revoked, which nobody could check without that other.
bool Verification::is_named(const mbedtls_x509_crt& leaf) const {
  return rules_.named && !rules_.lists && x509::is_among(&rules_.named->chain, leaf);
}

// mbedTLS follows the first issuer of a name, and only one that was sent behind what it has issued.
// A server may send them in any order (RFC 8446 section 4.4.2), and several of one name.
void Verification::try_other_paths(std::optional<x509::Refusal>& refusal,
                                   const mbedtls_x509_crt& presented,
                                   const x509::Certificates& authorities) {
  if (!refusal || !depends_on_path(*refusal)) return;
  auto builder =
      std::make_unique<x509::PathBuilder>(presented, &authorities.chain, rules_.lists.get());
  x509::BuiltPath built = builder->find(
      [&](std::span<const x509::PathItem> path) { return x509::check_path(path, question()); });
  if (built.too_long) built.refusal = x509::Refusal{x509::Flaw::too_long};
  // of two that are refused the words are about the one that leads further
  const bool leads_further =
      flag_of(refusal->flaw) == MBEDTLS_X509_BADCERT_NOT_TRUSTED &&
      (built.reaches_authority || built.too_long || built.items.size() > path_.size());
  if (built.items.empty() || (built.refusal && !leads_further)) return;
  refusal = std::move(built.refusal);
  path_ = std::move(built.items);
  builder_ = std::move(builder);
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
  auto built = std::make_unique<OtherPath>();
  const std::size_t below = std::max<std::size_t>(1, trusted->size() - 1);
  for (std::size_t i = 0; i < below; ++i)
    if (!x509::add_certificate(built->certificates, (*trusted)[i])) return false;
  if (!x509::add_certificate(built->authority, trusted->back())) return false;

  return use(std::move(built));
}

// mbedTLS goes through it like any other path: no rule is spared.
bool Verification::use(std::unique_ptr<OtherPath> other) {
  const auto collect = [](void* path, mbedtls_x509_crt* certificate, int, std::uint32_t* flags) {
    try {
      static_cast<std::vector<x509::PathItem>*>(path)->push_back(
          {certificate, std::exchange(*flags, 0)});
      return 0;
    } catch (const std::bad_alloc&) {
      return x509::out_of_memory;
    }
  };
  std::vector<x509::PathItem> path;
  std::uint32_t flags = 0;
  // mbedTLS takes lists as pointers to non-const, and does not write to them
  auto* lists = rules_.lists ? const_cast<mbedtls_x509_crl*>(&rules_.lists->first) : nullptr;
  if (mbedtls_x509_crt_verify_with_profile(&other->certificates.chain, &other->authority.chain,
                                           lists, &mbedtls_x509_crt_profile_default, nullptr,
                                           &flags, collect, &path) != 0 ||
      path.empty())
    return false;
  path_ = std::move(path);
  other_path_ = std::move(other);
  return true;
}

void Verification::keep_facts(const mbedtls_x509_crt& leaf) {
  facts_.names = x509::names_of(leaf);
  facts_.issuer = x509::quoted_name(path_.front().certificate->issuer);
  if (const auto digest = x509::key_digest(leaf)) facts_.pin = x509::pin_text(*digest);
  facts_.alone = leaf.next == nullptr;
  facts_.authorities_named = rules_.named != nullptr;
  const x509::AlternativeNames names = x509::alternative_names(leaf);
  for (const std::string& name : names.dns)
    if (const auto address = address_bytes(name))
      if (std::ranges::find(names.addresses, std::string(address->begin(), address->end())) ==
          names.addresses.end())
        facts_.misplaced_addresses.push_back(name);
}

Error Verification::explain(const std::string& peer, std::uint32_t flags) const {
  return explain(peer, refusal_ ? *refusal_ : refusal_for(flags));
}

Error Verification::explain(const std::string& peer, const x509::Refusal& refusal) const {
  return x509::explain_certificate(
      {peer, name_.text, rules_.peer_is_client, x509::now_in_seconds(), rules_.system_authorities},
      facts_, refusal, *rules_.wording);
}

}  // namespace tunnel::tls
