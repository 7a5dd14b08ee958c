// Services of launchd, on macOS: a property list each.
#pragma once

#include "cmd/install/service_file.hpp"

namespace tunnel::cmd {

class Launchd : public ServiceFile {
 protected:
  std::string content(const Installation& service) const override;
  Result<std::filesystem::path> path(const Installation& service) const override;
  // launchd starts every service whose file is in its folder.
  Result<std::monostate> enable(const Installation&, const std::filesystem::path&) const override {
    return std::monostate{};
  }
  std::error_code disable(const Installation&, const std::filesystem::path&) const override {
    return {};
  }
  std::string how_to_start(const Installation& service,
                           const std::filesystem::path& file) const override;
  std::string how_to_stop(const Installation& service) const override;
};

}  // namespace tunnel::cmd
