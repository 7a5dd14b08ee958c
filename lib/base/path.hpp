// Paths as text, which is UTF-8 on Windows, too, where std::filesystem takes it for another.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace tunnel {

// On Windows it throws where the text is no UTF-8; elsewhere bytes are bytes.
inline std::filesystem::path path_of(std::string_view text) {
  return std::u8string(reinterpret_cast<const char8_t*>(text.data()), text.size());
}

inline std::string text_of(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

// For people, in one line.
inline std::string shown(const std::filesystem::path& path) { return one_line(text_of(path)); }

}  // namespace tunnel
