// Reading the files that TLS options name: identity, authorities and revocation lists.
#pragma once

#include <memory>
#include <vector>

#include "os/file/system_trust.hpp"
#include "tls/context_options.hpp"
#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/rules.hpp"

namespace tunnel::tls {

// Each step reads its options, and adds what is wrong to the errors. All arguments outlive it.
class OptionLoader {
 public:
  OptionLoader(const Options& options, std::vector<OptionError>& errors,
               x509::AuthorityCache& cache)
      : options_(options), errors_(errors), cache_(cache) {}

  void refuse(OptionError::Field field, Error error, std::size_t index = 0) {
    errors_.push_back({field, index, std::move(error)});
  }

  // What is asked of the peer's certificates.
  x509::Rules rules();
  // This end's identity; null where there is none, or it is wrong.
  std::shared_ptr<x509::Certificates> chain();
  std::shared_ptr<x509::PrivateKey> key();
  // Whether the two fit each other and this end's role; either may be null.
  void check_identity(const x509::Certificates* chain, const x509::PrivateKey* key);

 private:
  std::shared_ptr<const x509::Certificates> authorities(x509::Rules& rules);
  std::string authorities_line() const;
  bool add_system(os::SystemTrust& trust);

  const Options& options_;
  std::vector<OptionError>& errors_;
  x509::AuthorityCache& cache_;
};

}  // namespace tunnel::tls
