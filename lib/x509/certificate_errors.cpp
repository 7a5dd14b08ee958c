// Why a peer's certificate is refused, in plain words.
#include "x509/certificate_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/host.hpp"
#include "base/text.hpp"
#include "x509/names.hpp"

namespace tunnel::x509 {

namespace {

// "3 years", "94 days", "31 hours", "5 minutes".
std::string age_text(std::chrono::seconds age) {
  using namespace std::chrono;
  const auto count = [](auto n, std::string_view unit) {
    return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
  };
  if (age >= years(2)) return count(duration_cast<years>(age).count(), "year");
  if (age >= days(2)) return count(duration_cast<days>(age).count(), "day");
  if (age >= hours(2)) return count(duration_cast<hours>(age).count(), "hour");
  return count(duration_cast<minutes>(age).count(), "minute");
}

// A certificate may have hundreds.
std::string listed(std::vector<std::string> names) {
  constexpr std::size_t shown = 6;
  if (names.size() > shown) {
    const std::size_t more = names.size() - shown;
    names.resize(shown);
    names.push_back(fmt::format("{} more", more));
  }
  return joined_with_and(names);
}

// The host and the port of "relay.example:443"; no port where there is none to be seen.
std::pair<std::string_view, std::string_view> split(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  if (colon == peer.npos || colon + 1 == peer.size() ||
      peer.find_first_not_of("0123456789", colon + 1) != peer.npos)
    return {peer, {}};
  std::string_view host = peer.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, peer.substr(colon + 1)};
}

bool is_misplaced(const CertificateFacts& facts, std::string_view name) {
  const auto address = address_bytes(name);
  return address && std::ranges::any_of(facts.misplaced_addresses, [&](const std::string& one) {
           return address_bytes(one) == address;
         });
}

// The line to write so that the certificate's name is the one that is asked for; empty where none
// of its names counts.
std::string line_for_name(const Presented& presented, const CertificateFacts& facts,
                          const Wording& wording) {
  const auto [host, port] = split(presented.peer);
  const bool dialled_by_it = !port.empty() && host == presented.expected_name;
  const auto exact =
      std::find_if(facts.names.begin(), facts.names.end(), [&](const std::string& name) {
        return (is_host_name(name) || is_address(name)) && !is_misplaced(facts, name);
      });
  if (exact != facts.names.end()) {
    const bool bracketed = exact->find(':') != exact->npos;
    const std::string target =
        fmt::format("{}{}{}:{}", bracketed ? "[" : "", *exact, bracketed ? "]" : "", port);
    return fmt::format("if that is the far side, write {}{}",
                       dialled_by_it ? wording.line(Setting::connect, target) + ", or " : "",
                       wording.line(Setting::server_name, *exact));
  }
  const auto wildcard =
      std::find_if(facts.names.begin(), facts.names.end(), [](const std::string& name) {
        return speaks_for(name, "x." + name.substr(std::min<std::size_t>(2, name.size())));
      });
  if (wildcard == facts.names.end()) return "";
  const std::string_view domain = std::string_view(*wildcard).substr(2);
  if (dialled_by_it && is_address(host) && host.find(':') == host.npos) {
    std::string label(host);
    std::replace(label.begin(), label.end(), '.', '-');
    return fmt::format(
        "if that is the far side, connect to its name; many relays spell their "
        "address in it: {}",
        wording.line(Setting::connect, fmt::format("{}.{}:{}", label, domain, port)));
  }
  return fmt::format(
      "if that is the far side, write {} with its name, one label before "
      ".{}",
      wording.name(Setting::server_name), domain);
}

// Whether it may come from a sign-in page on the way rather than from the far side.
bool is_of_sign_in_page(const Presented& presented, const CertificateFacts& facts) {
  static constexpr std::array<std::string_view, 12> words = {
      "portal", "captive", "login",   "signin", "sign-in", "wifi",
      "wi-fi",  "hotspot", "webauth", "guest",  "hotel",   "splash"};
  const auto has = [](const std::string& name, std::string_view word) {
    return lower_case(name).find(word) != std::string::npos;
  };
  return !presented.by_client &&
         std::any_of(words.begin(), words.end(), [&](std::string_view word) {
           return !has(presented.expected_name, word) &&
                  std::any_of(facts.names.begin(), facts.names.end(),
                              [&](const std::string& name) { return has(name, word); });
         });
}

class Words {
 public:
  Words(const Presented& presented, const CertificateFacts& facts, const Refusal& refusal,
        const Wording& wording)
      : presented_(presented), facts_(facts), refusal_(refusal), wording_(wording) {}

  Error say() const;

 private:
  std::string who() const {
    if (refusal_.authority.empty()) return "the certificate of " + presented_.peer;
    return fmt::format("the authority {} behind the certificate of {}", refusal_.authority,
                       presented_.peer);
  }
  std::string_view kind() const { return presented_.by_client ? "clients" : "servers"; }
  std::string_view usage() const { return presented_.by_client ? "clientAuth" : "serverAuth"; }
  std::string authority_line() const {
    return wording_.line(presented_.by_client ? Setting::client_authorities : Setting::authorities,
                         "...");
  }
  std::string pin_line() const {
    const bool client = presented_.by_client;
    std::string line = wording_.line(client ? Setting::client_pin : Setting::pin, facts_.pin);
    if (facts_.authorities_named)
      line += " in place of " +
              wording_.name(client ? Setting::client_authorities : Setting::authorities);
    return line;
  }
  // With what is left to a person who can't have the certificate remade. The key may be that of
  // somebody in between, so only its owner's word counts. A server's message never offers one
  // client's key: the line would lock the others out.
  std::string or_pin(std::string_view hint) const {
    if (facts_.pin.empty() || presented_.by_client) return std::string(hint);
    return fmt::format("{}; or, if its owner confirms the key, trust exactly {}: {}", hint,
                       refusal_.authority.empty() ? "it" : "the certificate of " + presented_.peer,
                       pin_line());
  }
  Error say_usage() const;
  std::string lists() const { return wording_.name(Setting::revocation_lists); }
  Error say_time() const;
  Error say_trust() const;
  Error say_list() const;
  Error say_name() const;

  const Presented& presented_;
  const CertificateFacts& facts_;
  const Refusal& refusal_;
  const Wording& wording_;
};

Error Words::say_time() const {
  if (refusal_.flaw == Flaw::expired)
    return {fmt::format("{} expired on {}, {} ago", who(), time_text(refusal_.time),
                        age_text(presented_.now - refusal_.time)),
            or_pin("its owner must renew it; check the clock here too")};
  return {fmt::format("{} is valid only from {}, and the clock here says {}", who(),
                      time_text(refusal_.time), time_text(presented_.now)),
          or_pin("set the clock here, or wait")};
}

Error Words::say_trust() const {
  if (refusal_.flaw == Flaw::self_signed)
    return {fmt::format("{} is self-signed and not among the trusted ones", who()),
            fmt::format("if it is the right one, trust exactly it: {}", pin_line())};
  Error out{fmt::format("the certificate of {} was issued by {}, which is not trusted here",
                        presented_.peer, facts_.issuer),
            "name the issuer's certificate with " + authority_line()};
  // whoever trusts an authority because a message names it trusts whoever is in between
  if (refusal_.flaw == Flaw::unknown_issuer && presented_.system_authorities)
    out.hint =
        "somebody on the way may be reading along, such as a company's proxy or a hotel's "
        "network: ask the far side's owner who issued its certificate; only if it was that one, " +
        out.hint;
  if (refusal_.flaw == Flaw::not_by_the_issuer) {
    out.what = fmt::format(
        "the certificate of {} says it was issued by {}, but not by the one "
        "that is trusted here, or that one must not issue it",
        presented_.peer, facts_.issuer);
    out.hint =
        "has the authority a new key? then name its new certificate with " + authority_line();
  } else if (facts_.alone) {
    out.hint += fmt::format("; if it is, the {} lacks its intermediate certificates",
                            presented_.by_client ? "client" : "server");
  }
  if (!refusal_.detail.empty()) out.what += fmt::format(" ({})", refusal_.detail);
  out.hint = or_pin(out.hint);
  return out;
}

// Of a leaf: mbedTLS asks for its usage whatever it is trusted by.
Error Words::say_usage() const {
  std::string hint = refusal_.detail.empty()
                         ? fmt::format("it needs the extended key usage {}", usage())
                         : refusal_.detail;
  hint = refusal_.authority.empty() ? hint + ", and a pin does not replace that" : or_pin(hint);
  return {fmt::format("{} is not for {}", who(), kind()), std::move(hint)};
}

Error Words::say_list() const {
  if (refusal_.flaw == Flaw::no_list)
    return {fmt::format("whether {} was revoked is unknown: {} has no list of its issuer {}", who(),
                        lists(), refusal_.detail),
            fmt::format("add that authority's list to the file, or remove {}", lists())};
  if (refusal_.flaw == Flaw::list_expired)
    return {fmt::format("whether {} was revoked is unknown: the list of {} in {} expired on {}, "
                        "{} ago",
                        who(), refusal_.detail, lists(), time_text(refusal_.time),
                        age_text(presented_.now - refusal_.time)),
            "fetch the authority's current list, and reload"};
  return {fmt::format("whether {} was revoked is unknown: the list of {} in {} is not one that it "
                      "has signed and that is valid now",
                      who(), refusal_.detail, lists()),
          "fetch the list from the authority again"};
}

Error Words::say_name() const {
  if (refusal_.flaw == Flaw::no_name)
    return {fmt::format("{} has no name that counts", who()),
            or_pin("its owner must give it a subjectAltName: a common name alone is not believed")};
  if (is_misplaced(facts_, presented_.expected_name))
    return {fmt::format("{} has the address {} as a DNS name, which does not count", who(),
                        presented_.expected_name),
            or_pin(fmt::format("its owner must write it as IP:{} in the subjectAltName",
                               presented_.expected_name))};
  std::string line = line_for_name(presented_, facts_, wording_);
  if (line.empty()) line = or_pin("its owner must remake it: none of its names is one that counts");
  return {fmt::format("the certificate is for {}, not for {}", listed(facts_.names),
                      presented_.expected_name),
          std::move(line)};
}

Error Words::say() const {
  switch (refusal_.flaw) {
    case Flaw::expired:
    case Flaw::not_yet_valid:
      return say_time();
    case Flaw::self_signed:
    case Flaw::unknown_issuer:
    case Flaw::not_by_the_issuer:
      return say_trust();
    case Flaw::too_long:
      return {fmt::format("the chain that {} presented is too long", presented_.peer),
              "eight authorities between the leaf and the trusted one are the most"};
    case Flaw::no_list:
    case Flaw::list_expired:
    case Flaw::list_not_valid:
      return say_list();
    case Flaw::no_name:
    case Flaw::wrong_name:
      return say_name();
    case Flaw::revoked:
      return {fmt::format("{} was revoked on {}", who(), time_text(refusal_.time)),
              "its owner must get a new one; don't use this one any more"};
    case Flaw::weak_signature:
      return {fmt::format("{} is signed with {}, which is too weak", who(), refusal_.detail),
              or_pin("it must be signed with SHA-256 or better")};
    case Flaw::weak_key:
      return {fmt::format("{} has a key that is too weak: {}", who(), refusal_.detail),
              or_pin("it needs P-256, P-384, or RSA of 2048 bits at least")};
    case Flaw::unknown_constraint:
      return {fmt::format("{} is limited in a way that is not understood here: {}", who(),
                          refusal_.detail),
              or_pin(refusal_.authority.empty() ? "its owner must remake it without that"
                                                : "it needs an issuer without that limit")};
    case Flaw::name_not_permitted:
      return {fmt::format("the certificate of {} goes beyond what its issuer may issue: {}",
                          presented_.peer, refusal_.detail),
              or_pin("it needs another issuer")};
    case Flaw::old_version:
      return {fmt::format("{} is X.509 version {}", who(), refusal_.detail),
              or_pin("it must be version 3, which has the names and uses of a certificate")};
    case Flaw::authority_as_leaf:
      return {fmt::format("{} is that of an authority (CA:TRUE)", who()),
              or_pin("let the authority issue one with CA:FALSE")};
    case Flaw::no_usage:
      return {fmt::format("{} does not say that it is for {}", who(), kind()),
              or_pin(fmt::format("it needs the extended key usage {}", usage()))};
    case Flaw::other_usage:
      return say_usage();
    case Flaw::missing:
      return {fmt::format("{} presented no certificate", presented_.peer), "give it a certificate"};
    case Flaw::unknown:
      break;
  }
  return {fmt::format("{} was refused ({})", who(), refusal_.detail),
          "its owner must get another one"};
}

}  // namespace

Error explain_certificate(const Presented& presented, const CertificateFacts& facts,
                          const Refusal& refusal, const Wording& wording) {
  Error out = Words(presented, facts, refusal, wording).say();
  const bool unexpected = refusal.flaw == Flaw::wrong_name || refusal.flaw == Flaw::self_signed ||
                          refusal.flaw == Flaw::unknown_issuer;
  if (unexpected && is_of_sign_in_page(presented, facts))
    out.hint = "does this network want a sign-in in a browser first? else " + out.hint;
  return out;
}

}  // namespace tunnel::x509
