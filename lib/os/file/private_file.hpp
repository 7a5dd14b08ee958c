// Files of one user: created or replaced whole or not at all, and never by two at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace tunnel::os {

enum class Readable { by_owner, by_all };

// Creates the file, which must not be there yet; an error leaves nothing of it behind. Once it
// returns the content has reached the disk.
Result<std::monostate> create_file(const std::filesystem::path& path, std::string_view content,
                                   Readable readable);

// Puts the content in place of the file, or creates it, for the owner alone: whoever looks sees the
// old content or the new, even after a crash.
Result<std::monostate> replace_file(const std::filesystem::path& path, std::string_view content);

// Creates the folder and what is missing above it, for the owner alone.
Result<std::monostate> make_folder(const std::filesystem::path& path);

// Whether a file could be created there, in folders that are yet to be made too; nothing is
// changed. A system that does not tell is believed.
Result<std::monostate> can_create_in(const std::filesystem::path& folder);

// Whether others than the owner and the system may read the file, as far as its mode tells.
bool others_can_read(const std::filesystem::path& path);

// Held by one thread of one process at a time, by way of a file that stays.
class FileLock {
 public:
  // An error where another has it for longer than `patience`.
  static Result<FileLock> take(const std::filesystem::path& path,
                               std::chrono::milliseconds patience);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(std::intptr_t handle) : handle_(handle) {}

  std::intptr_t handle_;
};

}  // namespace tunnel::os
