// Paths as shells and other programs write them.
#pragma once

#include <string>
#include <string_view>

#include "config/reader.hpp"

namespace tunnel::config {

// "~/ca.pem", "$HOME/ca.pem", "%USERPROFILE%\ca.pem" and " ca.pem" as this program takes them;
// empty where nothing about the text is unusual.
std::string usual_path(std::string_view text, const Environment& environment);

// Reports a path that begins like "~/" or "$HOME/", which would become a folder of that name.
bool refuse_unexpanded(const Text& text, std::string_view key, TableReader& reader);

}  // namespace tunnel::config
