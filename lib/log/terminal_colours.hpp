// The escape sequences for colours on a terminal (SGR, ECMA-48).
#pragma once

#include <string>
#include <string_view>

namespace tunnel::colour {

inline constexpr std::string_view red = "\x1b[31m";
inline constexpr std::string_view green = "\x1b[32m";
inline constexpr std::string_view yellow = "\x1b[33m";
inline constexpr std::string_view bold = "\x1b[1m";
inline constexpr std::string_view dim = "\x1b[2m";
inline constexpr std::string_view reset = "\x1b[0m";

// The text in that colour, then the terminal's own again.
inline std::string paint(std::string_view colour, std::string_view text) {
  return std::string(colour).append(text).append(reset);
}

}  // namespace tunnel::colour
