// The authorities that services trust, loaded once for all that name the same sources.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "os/file/file_view.hpp"
#include "os/file/system_trust.hpp"

namespace tunnel::x509 {

struct Certificates;

// The authorities in the files and folders (PEM or DER). Single certificates that cannot be read
// are passed over: that can only narrow the trust. An error where a path yields none at all.
Result<std::shared_ptr<const Certificates>> load_authorities(
    const std::vector<std::filesystem::path>& paths);
Result<std::shared_ptr<const Certificates>> load_authorities(const os::SystemTrust& trust,
                                                             const os::FileView& files = {});

// Whether each certificate in a file that the user named is whole; folders are not looked into, and
// a bundle may hold kinds that are not supported.
Result<std::monostate> check_whole(const std::filesystem::path& path,
                                   const os::FileView& files = {});

// Adds one certificate (DER) to the end of the list. Unlike mbedTLS it takes those with critical
// name constraints, which are enforced here. False where it cannot be used.
bool add_certificate(Certificates& list, const std::string& der);

// Lives for one load of the configuration: a later load shall see files that have changed since.
class AuthorityCache {
 public:
  explicit AuthorityCache(os::FileView files = {}) : files_(std::move(files)) {}

  // As load_authorities() does. Only what could be loaded is kept.
  Result<std::shared_ptr<const Certificates>> load(const os::SystemTrust& trust);

 private:
  using Sources = std::pair<std::vector<std::filesystem::path>, std::vector<std::string>>;
  os::FileView files_;
  std::map<Sources, std::shared_ptr<const Certificates>> loaded_;
};

}  // namespace tunnel::x509
