// One [service.NAME] table: its keys, and what they must not say together.
#pragma once

#include <filesystem>

#include "config/reader.hpp"

namespace tunnel::config {

// `entry` gives the name and place; `reader` reads its table. Mistakes go where the reader's go.
Service validate_service(const RawEntry& entry, TableReader& reader,
                         const std::filesystem::path& folder);

// The file that `text` names, relative to `folder`, if it can be read; else a mistake that names
// the path.
std::optional<FileRef> readable(const Text& text, std::string_view key, bool folder_allowed,
                                TableReader& reader, const std::filesystem::path& folder);

}  // namespace tunnel::config
