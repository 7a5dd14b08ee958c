// Installs a service as a file that the service manager reads.
#pragma once

#include <filesystem>

#include "cmd/install/service_installer.hpp"

namespace tunnel::cmd {

class ServiceFile : public ServiceInstaller {
 public:
  std::optional<Error> refusal(bool, bool) const override { return std::nullopt; }
  std::string default_account() const override { return "tunnel"; }
  bool is_account(std::string_view name) const override { return is_service_name(name); }
  Result<std::string> preview(const Installation& service) const override;
  Result<std::string> install(const Installation& service) const override;
  Result<std::string> uninstall(const Installation& service) const override;

 protected:
  virtual std::string content(const Installation& service) const = 0;
  // Where the file belongs, below the root.
  virtual Result<std::filesystem::path> path(const Installation& service) const = 0;
  // Makes the manager start the service with the system or the user's session.
  virtual Result<std::monostate> enable(const Installation& service,
                                        const std::filesystem::path& file) const = 0;
  virtual std::error_code disable(const Installation& service,
                                  const std::filesystem::path& file) const = 0;
  virtual std::string how_to_start(const Installation& service,
                                   const std::filesystem::path& file) const = 0;
  virtual std::string how_to_stop(const Installation& service) const = 0;
};

// Of the user who runs this program; empty without HOME.
std::string home_folder();

}  // namespace tunnel::cmd
