// How the user of `tunnel client`, `tunnel server` and `tunnel run` writes a service's keys.
#pragma once

#include <string>
#include <string_view>

#include "config/key_wording.hpp"

namespace tunnel {

// "--server-name" for "server_name".
std::string option_of(std::string_view key);

class OptionWording final : public config::KeyWording {
 public:
  // `command` is "client", "server" or "run"; the addresses are as they were given to it.
  OptionWording(std::string command, std::string accept, std::string connect)
      : command_(std::move(command)), accept_(std::move(accept)), connect_(std::move(connect)) {}

  // A value is quoted only where words follow, to show where it ends.
  std::string key_line(std::string_view key, std::string_view toml,
                       std::string_view words) const override;
  std::string key_name(std::string_view key) const override;
  // The scope is left out: there is only one service.
  std::string heading(const config::Place& place, std::string_view scope,
                      std::string_view key) const override;

 private:
  std::string command_;
  std::string accept_;
  std::string connect_;
};

}  // namespace tunnel
