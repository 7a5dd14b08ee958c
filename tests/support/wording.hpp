// Settings as a configuration file has them, for messages.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>

#include "base/wording.hpp"

namespace tunnel::test {

class FileWording final : public Wording {
 public:
  std::string line(Setting setting, std::string_view value) const override {
    if (setting == Setting::plain) return "tls = false";
    return fmt::format("{} = \"{}\"", name(setting), value);
  }
  std::string name(Setting setting) const override {
    switch (setting) {
      case Setting::authorities:
        return "ca";
      case Setting::client_authorities:
        return "client_ca";
      case Setting::client_names:
        return "client_names";
      case Setting::client_pin:
        return "client_pin";
      case Setting::connect:
        return "connect";
      case Setting::key_password_file:
        return "key_password_file";
      case Setting::pin:
        return "pin";
      case Setting::plain:
        return "tls";
      case Setting::revocation_lists:
        return "crl";
      case Setting::server_name:
        return "server_name";
      case Setting::first_use:
        return "verify";
    }
    return {};
  }
};

inline std::shared_ptr<const Wording> wording() { return std::make_shared<FileWording>(); }

}  // namespace tunnel::test
