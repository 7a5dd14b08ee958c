// The lines that a message suggests.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "support/configuration.hpp"

namespace tunnel::test {

// What the text's only mistake suggests.
inline std::string only_suggestion(const std::string& toml,
                                   const std::filesystem::path& folder = {}) {
  const config::Validated result = validated(toml, {}, folder);
  CAPTURE(all_texts(result));
  REQUIRE_EQ(result.mistakes.size(), 1);
  const std::string text = result.mistakes[0].text();
  const auto at = text.find("\n    ");
  return at == std::string::npos ? "" : text.substr(at + 5);
}

}  // namespace tunnel::test
