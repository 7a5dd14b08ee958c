// Why a text is no TOML, and the line that was meant.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tunnel::config {

// Where and why parsing stopped.
struct TomlError {
  std::uint32_t line;
  std::uint32_t column;
  std::string why;
};

struct TomlSlip {
  std::uint32_t line;
  std::uint32_t column;
  std::string what;
  std::string suggestion;
};

using ParseToml = std::function<std::optional<TomlError>(std::string_view)>;

// `parse` has refused `text` with `error`, and tries what is suggested. Nothing if no guess is
// right.
std::optional<TomlSlip> find_slip(std::string_view text, const TomlError& error,
                                  const ParseToml& parse);

}  // namespace tunnel::config
