// The authorities that services trust, loaded once for all that name the same sources.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "os/file/system_trust.hpp"

namespace tunnel::x509 {

struct Certificates;

// Adds one certificate (DER) to the end of the list. Unlike mbedTLS it takes those with critical
// name constraints, which are enforced here. False where it cannot be used.
bool add_certificate(Certificates& list, const std::string& der);

// Lives for one load of the configuration: a later load shall see files that have changed since.
class AuthorityCache {
 public:
  // As load_authorities() does. Only what could be loaded is kept.
  Result<std::shared_ptr<const Certificates>> load(const os::SystemTrust& trust);

 private:
  using Sources = std::pair<std::vector<std::filesystem::path>, std::vector<std::string>>;
  std::map<Sources, std::shared_ptr<const Certificates>> loaded_;
};

}  // namespace tunnel::x509
