// Why a peer's certificate is refused, in plain words with the next step.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/wording.hpp"

namespace tunnel::x509 {

enum class Flaw {
  expired,
  not_yet_valid,
  revoked,
  self_signed,        // and not among the trusted ones
  unknown_issuer,     // no authority of that name is trusted
  not_by_the_issuer,  // one of that name is, but has not issued it
  too_long,           // more authorities than are followed
  no_list,            // of its issuer, where revocation is to be looked up
  list_expired,
  list_not_valid,  // a list that the issuer has not signed, or not yet
  weak_signature,
  weak_key,
  unknown_constraint,  // the chain is limited in a way that nobody enforces
  name_not_permitted,  // by an authority's name constraints
  old_version,
  authority_as_leaf,
  no_name,
  wrong_name,
  no_usage,     // not said to be for servers, or for clients
  other_usage,  // said to be for something else
  missing,      // none was presented
  unknown,
};

// Why it is refused, and which certificate of the path it is about.
struct Refusal {
  Flaw flaw = Flaw::unknown;
  std::string authority = {};  // its name in quotes; empty: the leaf
  std::string detail = {};     // as the flaw wants it
  std::chrono::sys_seconds time = {};
};

// What else is known.
struct CertificateFacts {
  std::vector<std::string> names = {};  // of the leaf; escaped
  // Those of `names` that are addresses written as DNS names, which count for nothing.
  std::vector<std::string> misplaced_addresses = {};
  std::string issuer = {};         // of the top of the path, in quotes
  std::string pin = {};            // of the leaf
  bool alone = false;              // the peer has presented the leaf and nothing else
  bool authorities_named = false;  // by the user: a pin beside them would not replace them
};

// Who showed them to whom, and when.
struct Presented {
  std::string peer;                // the other end, as the user knows it
  std::string expected_name = {};  // the name that was asked for; empty where none was
  bool by_client = false;
  std::chrono::sys_seconds now = {};
  bool system_authorities = false;  // it had to be issued by one that the system trusts
};

Error explain_certificate(const Presented& presented, const CertificateFacts& facts,
                          const Refusal& refusal, const Wording& wording);

}  // namespace tunnel::x509
