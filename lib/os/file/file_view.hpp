// Reads files from disk, or from copies that another process has made of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"

namespace tunnel::os {

// A file or folder as it was when it was copied. The bytes are wiped on destruction.
struct FileCopy {
  enum class Kind { missing, file, folder, other };

  Kind kind = Kind::missing;
  std::error_code error = {};    // if it can't be read; `bytes` is empty then
  bool others_can_read = false;  // any user of the system
  std::string bytes = {};

  FileCopy() = default;
  FileCopy(const FileCopy&) = delete;
  FileCopy& operator=(const FileCopy&) = delete;
  ~FileCopy();
};

// By the path under which it is read. The files of a folder are entries of their own.
using FileCopies = std::map<std::filesystem::path, std::shared_ptr<const FileCopy>>;

// Copies files, and folders with the files directly in them. A file that can't be read has its
// error.
FileCopies copies_of(const std::vector<std::filesystem::path>& paths);

// Cheap to copy.
class FileView {
 public:
  FileView() = default;  // the disk
  // The copies where there is one of that path, else the disk.
  explicit FileView(std::shared_ptr<const FileCopies> copies) : copies_(std::move(copies)) {}

  // Follows symbolic links. `error` is permission_denied if a folder above it can't be entered.
  FileCopy::Kind kind(const std::filesystem::path& path, std::error_code& error) const;
  bool is_folder(const std::filesystem::path& path) const;
  bool is_file(const std::filesystem::path& path) const;
  // As tunnel::read_file().
  std::optional<std::string> read(const std::filesystem::path& path,
                                  std::size_t limit = largest_file) const;
  // The regular files directly in a folder, in no order.
  std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                              std::error_code& error) const;
  // Nothing if it can be read, else the reason.
  std::optional<Error> why_unreadable(const std::filesystem::path& path) const;
  // Any user of the system can.
  bool others_can_read(const std::filesystem::path& path) const;

 private:
  const FileCopy* copy(const std::filesystem::path& path) const;

  std::shared_ptr<const FileCopies> copies_;
};

}  // namespace tunnel::os
