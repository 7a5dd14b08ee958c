// A [service.NAME] table: its keys, and which of them contradict each other.
#pragma once

#include <filesystem>

#include "config/reader.hpp"

namespace tunnel::config {

// `entry` has the name and the place; `reader` reads its table and collects the mistakes.
Service validate_service(const RawEntry& entry, TableReader& reader,
                         const std::filesystem::path& folder);

// The file that `text` names, relative to `folder`, if it can be read; else nothing, and a mistake.
std::optional<FileRef> readable(const Text& text, std::string_view key, bool folder_allowed,
                                TableReader& reader, const std::filesystem::path& folder);

}  // namespace tunnel::config
