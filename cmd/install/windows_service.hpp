// Services of Windows: entries of its service control manager, which has no files.
#pragma once

#include "cmd/install/service_installer.hpp"

namespace tunnel::cmd {

class WindowsService : public ServiceInstaller {
 public:
  std::optional<Error> refusal(bool for_user, bool in_file) const override;
  std::string default_account() const override { return "NT AUTHORITY\\LocalService"; }
  // Accounts of Windows may have blanks and more.
  bool is_account(std::string_view) const override { return true; }
  Result<std::string> preview(const Installation& service) const override;
  Result<std::string> install(const Installation& service) const override;
  Result<std::string> uninstall(const Installation& service) const override;
};

}  // namespace tunnel::cmd
