// Which names an authority may vouch for.
#include "x509/name_constraints.hpp"

#include <fmt/format.h>
#include <mbedtls/oid.h>

#include <algorithm>
#include <array>

#include "base/host.hpp"
#include "base/text.hpp"
#include "x509/der.hpp"
#include "x509/extensions.hpp"

namespace tunnel::x509 {

namespace {

constexpr int context_tag(int n) { return MBEDTLS_ASN1_CONTEXT_SPECIFIC | n; }

// The CIDR block of an iPAddress constraint: address and mask, ones before zeros (RFC 4632).
bool is_block(std::string_view bytes) {
  if (bytes.size() != 8 && bytes.size() != 32) return false;
  bool ended = false;
  for (const char c : bytes.substr(bytes.size() / 2))
    for (int i = 7; i >= 0; --i) {
      const bool one = (static_cast<unsigned char>(c) >> i & 1) != 0;
      if (one && ended) return false;
      ended = ended || !one;
    }
  return true;
}

bool is_in_block(std::string_view block, std::string_view address) {
  if (block.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i)
    if (((block[i] ^ address[i]) & block[address.size() + i]) != 0) return false;
  return true;
}

bool is_below(std::string_view name, std::string_view base) {
  return name.size() > base.size() && name.ends_with(base) &&
         name[name.size() - base.size() - 1] == '.';
}

std::string_view kind_text(NameKind kind) {
  switch (kind) {
    case NameKind::mail:
      return "mail addresses";
    case NameKind::directory:
      return "directory names";
    case NameKind::uri:
      return "URIs";
    default:
      return "names of a rare kind";
  }
}

bool has_attribute(const mbedtls_x509_name& name, std::string_view oid) {
  for (const auto* part = &name; part != nullptr; part = part->next)
    if (part->oid.p != nullptr && view_of(part->oid) == oid) return true;
  return false;
}

// The kinds of all names of a certificate: a subject is a directory name, and may have a mail
// address in it.
unsigned kinds_of(const mbedtls_x509_crt& certificate, unsigned alternative) {
  constexpr std::size_t empty_sequence = 2;
  if (certificate.subject_raw.len > empty_sequence) alternative |= bit(NameKind::directory);
  if (has_attribute(certificate.subject, oid_of(MBEDTLS_OID_PKCS9_EMAIL)))
    alternative |= bit(NameKind::mail);
  return alternative;
}

std::vector<std::string> common_names(const mbedtls_x509_name& subject) {
  std::vector<std::string> out;
  for (const auto* part = &subject; part != nullptr; part = part->next)
    if (part->oid.p != nullptr && view_of(part->oid) == oid_of(MBEDTLS_OID_AT_CN))
      out.emplace_back(view_of(part->val));
  return out;
}

}  // namespace

std::string quoted_name(const mbedtls_x509_name& name) {
  std::array<char, 512> text{};
  if (mbedtls_x509_dn_gets(text.data(), text.size(), &name) < 0) return "\"...\"";
  return fmt::format("\"{}\"", escaped(text.data(), 200));
}

// GeneralSubtrees ::= SEQUENCE OF { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
std::optional<std::vector<NameConstraints::Subtree>> NameConstraints::subtrees_in(
    std::string_view der) {
  std::vector<Subtree> out;
  while (!der.empty()) {
    auto subtree = take_der(der, der_sequence);
    if (!subtree) return std::nullopt;
    const int tag = next_tag(*subtree);
    const int number = tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
    if ((tag & MBEDTLS_ASN1_TAG_CLASS_MASK) != MBEDTLS_ASN1_CONTEXT_SPECIFIC || number > 8)
      return std::nullopt;
    const auto base = take_der(*subtree, tag);
    // minimum and maximum are never used (RFC 5280 section 4.2.1.10), and 0 is not encoded
    if (!base || !subtree->empty()) return std::nullopt;
    const auto kind = static_cast<NameKind>(number);
    if (kind == NameKind::dns) {
      std::string_view host = *base;
      if (host.starts_with('.')) host.remove_prefix(1);
      if (!host.empty() && !is_host_name(host)) return std::nullopt;
      out.push_back({kind, lower_case(*base)});
      continue;
    }
    if (kind == NameKind::address && !is_block(*base)) return std::nullopt;
    out.push_back({kind, std::string(*base)});
  }
  return out;
}

bool NameConstraints::add(const mbedtls_x509_crt& authority) {
  const auto extensions = extensions_of(authority);
  if (!extensions) return false;
  for (const Extension& extension : *extensions) {
    if (extension.oid != oid_of(MBEDTLS_OID_NAME_CONSTRAINTS)) continue;
    Limits limits;
    limits.authority = quoted_name(authority.subject);
    std::string_view rest = extension.value;
    auto list = take_der(rest, der_sequence);
    if (!list || !rest.empty() || list->empty()) return false;
    for (const int number : {0, 1}) {
      const int tag = context_tag(number) | MBEDTLS_ASN1_CONSTRUCTED;
      if (next_tag(*list) != tag) continue;
      const auto content = take_der(*list, tag);
      auto subtrees = content ? subtrees_in(*content) : std::nullopt;
      if (!subtrees || subtrees->empty()) return false;
      (number == 0 ? limits.permitted : limits.excluded) = std::move(*subtrees);
    }
    if (!list->empty()) return false;
    limits_.push_back(std::move(limits));
  }
  return true;
}

// `permitting` says which way to err for what RFC 5280 leaves open. A base that begins with a dot
// means what is below it, and whoever excludes that is taken to exclude the base as well. A
// wildcard is permitted with the whole of its domain, and excluded with any name in it.
bool NameConstraints::contains(const Subtree& subtree, NameKind kind, const std::string& name,
                               bool permitting) {
  if (subtree.kind != kind) return false;
  if (kind == NameKind::address) return is_in_block(subtree.base, name);
  std::string_view base = subtree.base;
  const bool below_only = base.starts_with('.') && permitting;
  if (base.starts_with('.')) base.remove_prefix(1);
  if (base.empty() || is_below(name, base)) return true;
  if (below_only) return false;
  if (name == base) return true;
  const std::size_t dot = base.find('.');
  return !permitting && name.starts_with("*.") && dot != base.npos &&
         name.substr(2) == base.substr(dot + 1);
}

bool NameConstraints::permits(const Limits& limits, NameKind kind, const std::string& name) {
  bool limited = false;
  for (const Subtree& subtree : limits.excluded)
    if (contains(subtree, kind, name, false)) return false;
  for (const Subtree& subtree : limits.permitted) {
    if (contains(subtree, kind, name, true)) return true;
    limited = limited || subtree.kind == kind;
  }
  return !limited;
}

bool NameConstraints::Limits::limits_kind(NameKind kind) const {
  const auto is_of_kind = [&](const Subtree& subtree) { return subtree.kind == kind; };
  return std::ranges::any_of(permitted, is_of_kind) || std::ranges::any_of(excluded, is_of_kind);
}

std::optional<std::string> NameConstraints::Limits::refuses_kinds(unsigned kinds) const {
  for (unsigned number = 0; number <= 8; ++number) {
    const auto kind = static_cast<NameKind>(number);
    if (kind != NameKind::dns && kind != NameKind::address && (kinds & bit(kind)) != 0 &&
        limits_kind(kind))
      return fmt::format("{} limits {}, which is not checked here", authority, kind_text(kind));
  }
  return std::nullopt;
}

std::optional<std::string> NameConstraints::Limits::refuses_name(const std::string& name) const {
  const std::string_view host = std::string_view(name).substr(name.starts_with("*.") ? 2 : 0);
  // what is no name cannot be said to be outside of anything
  const bool within = is_host_name(host) ? permits(*this, NameKind::dns, lower_case(name))
                                         : !limits_kind(NameKind::dns);
  if (within) return std::nullopt;
  return fmt::format("{} may not vouch for {}", authority, escaped(name));
}

std::optional<std::string> NameConstraints::Limits::refuses_address(
    const std::string& address) const {
  const bool readable = address.size() == 4 || address.size() == 16;
  const bool within =
      readable ? permits(*this, NameKind::address, address) : !limits_kind(NameKind::address);
  if (within) return std::nullopt;
  return fmt::format("{} may not vouch for {}", authority, address_text(address));
}

std::optional<std::string> NameConstraints::refuses(const mbedtls_x509_crt& certificate,
                                                    bool by_common_name) const {
  if (limits_.empty()) return std::nullopt;
  AlternativeNames names = alternative_names(certificate);
  const unsigned kinds = kinds_of(certificate, names.kinds);
  if (by_common_name && names.dns.empty())
    for (std::string& name : common_names(certificate.subject))
      if (is_host_name(name)) names.dns.push_back(std::move(name));

  for (const Limits& limits : limits_) {
    if (auto reason = limits.refuses_kinds(kinds)) return reason;
    for (const std::string& name : names.dns)
      if (auto reason = limits.refuses_name(name)) return reason;
    for (const std::string& address : names.addresses)
      if (auto reason = limits.refuses_address(address)) return reason;
  }
  return std::nullopt;
}

}  // namespace tunnel::x509
