// Checking a configuration from text as the program would, with its mistakes in one string.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

namespace tunnel::test {

// The environment of all tests.
inline std::optional<std::string> variable(const std::string& name) {
  if (name == "HOST") return "relay.example";
  if (name == "PORT") return "41234";
  if (name == "DOLLAR") return "${HOST}";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

inline config::Validated validated(std::string_view text,
                                   const std::vector<config::Override>& overrides = {},
                                   const std::filesystem::path& folder = {}) {
  return config::load_text(text, "t.toml", folder, overrides, variable);
}

inline std::vector<config::SocketAddress> addresses(const std::vector<config::HostPort>& all) {
  return {all.begin(), all.end()};
}

inline std::string all_texts(const config::Validated& result) {
  std::string out;
  for (const config::Mistake& mistake : result.mistakes) out += mistake.text() + "\n";
  return out;
}

}  // namespace tunnel::test
