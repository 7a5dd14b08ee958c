// Reading a whole file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"

namespace tunnel {

constexpr std::size_t largest_file = std::size_t{1} << 30;

// All bytes of it, pipes too; nothing where it cannot be read to its end, or is longer than
// `limit`. The bytes of a regular file lie in one place only, for a caller that wipes them.
std::optional<std::string> read_file(const std::filesystem::path& path,
                                     std::size_t limit = largest_file);

// This user may not read the file or folder.
Error permission_denied(const std::filesystem::path& path);
// Why the file cannot be read, and what to do; tries again, so that the system says why.
Error why_unreadable(const std::filesystem::path& path);
// The same where the system has said why, by this errno.
Error why_unreadable(const std::filesystem::path& path, int code);

}  // namespace tunnel
