// Services of systemd: a unit each, made from conf/tunnel@.service.
#pragma once

#include "cmd/install/service_file.hpp"

namespace tunnel::cmd {

class Systemd : public ServiceFile {
 protected:
  // Without the settings that a user's manager can't apply, if the service is for a user.
  std::string content(const Installation& service) const override;
  Result<std::filesystem::path> path(const Installation& service) const override;
  Result<std::monostate> enable(const Installation& service,
                                const std::filesystem::path& file) const override;
  std::error_code disable(const Installation& service,
                          const std::filesystem::path& file) const override;
  std::string how_to_start(const Installation& service,
                           const std::filesystem::path& file) const override;
  std::string how_to_stop(const Installation& service) const override;
};

}  // namespace tunnel::cmd
