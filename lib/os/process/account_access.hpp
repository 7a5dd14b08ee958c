// What another account of this system may do with files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "os/process/identity.hpp"

namespace tunnel::os {

struct FileAccess {
  enum class Kind : std::uint8_t { enter, read, write, run };

  Kind kind;  // enter and write are for folders
  std::filesystem::path path;
};

// Which of these accesses the system would refuse, asked by a child process that switches to the
// account. Nothing if this process may not switch, or on Windows. Call it without other threads.
std::optional<std::vector<FileAccess>> refused_accesses(const Identity& account,
                                                        const std::vector<FileAccess>& wanted);

}  // namespace tunnel::os
