// Every key of the configuration, with its table and a value that it takes.
#pragma once

#include <span>
#include <string_view>

namespace tunnel::config {

struct KnownKey {
  std::string_view table;  // "service", "log", "process", "status"
  std::string_view name;
  std::string_view example;  // as TOML writes it; empty where none would be right for anybody
  bool list = false;         // takes several values
};

std::span<const KnownKey> known_keys();

// Null if there is no key of that name.
const KnownKey* known_key(std::string_view name);

}  // namespace tunnel::config
