// Loads a configuration and the files that it names, at startup and at each reload.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "config/load.hpp"
#include "os/file/file_view.hpp"
#include "server/runtime_config.hpp"
#include "tls/tuning.hpp"

namespace tunnel::x509 {
class AuthorityCache;
}

namespace tunnel {

class Sandbox;

// Where a configuration comes from.
struct ConfigSource {
  // Reads it from these files: at the start, and for each reload on another thread.
  std::function<config::Validated(const os::FileView& files)> load;
};

// Its calls may take long: they read certificates, and the system's authorities.
class ConfigLoader {
 public:
  ConfigLoader(ConfigSource source, tls::Tuning tuning);

  LoadedConfig load(const os::FileView& files = {}) const;
  // The same inside the sandbox: what the sandbox rules out is a mistake, and so is running out of
  // memory. Safe to call on any thread, once at a time.
  LoadedConfig reload(const Sandbox& sandbox, const os::FileView& files = {}) const;
  // Reads the files again of those services that name any of the changed ones. Like reload() in
  // the sandbox, and beside it.
  std::vector<Renewal> renew(const std::vector<std::shared_ptr<const config::Service>>& services,
                             const std::vector<std::filesystem::path>& changed,
                             const Sandbox& sandbox, const os::FileView& files = {}) const;

 private:
  Credentials credentials_of(const config::Service& service, config::Mistakes& mistakes,
                             x509::AuthorityCache& authorities, const os::FileView& files) const;

  ConfigSource source_;
  tls::Tuning tuning_;
};

}  // namespace tunnel
