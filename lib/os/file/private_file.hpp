// Private files of one user: atomic creation and replacement, and a lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace tunnel::os {

enum class Readable { by_owner, by_all };

// Creates the file, which must not exist yet, and waits until the content is on disk. An error
// leaves no file behind.
Result<std::monostate> create_file(const std::filesystem::path& path, std::string_view content,
                                   Readable readable);

// Replaces or creates the file, readable by the owner only. Readers see the old content or the new,
// even after a crash.
Result<std::monostate> replace_file(const std::filesystem::path& path, std::string_view content);

// Creates the folder and its parents, for the owner only.
Result<std::monostate> make_folder(const std::filesystem::path& path);

// Whether a file could be created there, after creating missing folders. Changes nothing. Always
// succeeds on systems that can't tell.
Result<std::monostate> can_create_in(const std::filesystem::path& folder);

// Whether the mode of the file lets other users read it.
bool others_can_read(const std::filesystem::path& path);

// A lock between threads and processes, by a file that is never removed.
class FileLock {
 public:
  // An error if another holder keeps it for longer than `patience`.
  static Result<FileLock> acquire(const std::filesystem::path& path,
                                  std::chrono::milliseconds patience);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(std::intptr_t handle) : handle_(handle) {}

  std::intptr_t handle_;
};

}  // namespace tunnel::os
