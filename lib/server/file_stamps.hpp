// Which files have changed since they were read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

namespace tunnel {

// Time and size of a file, or of every file in a folder. They differ once it has changed. Symbolic
// links are followed, so a link that now leads elsewhere is a change.
struct FileStamp {
  struct Version {
    std::filesystem::path file;
    std::filesystem::file_time_type written;
    std::uintmax_t size = 0;

    bool operator==(const Version&) const = default;
  };

  bool hidden = false;            // this user may not look at it, or it is no file or folder
  std::vector<Version> versions;  // sorted by file; empty if there is none

  bool operator==(const FileStamp&) const = default;
};

using FileStamps = std::map<std::filesystem::path, FileStamp>;

FileStamps stamps_of(const std::vector<std::filesystem::path>& files);

// Tells which files have changed, once they have come to rest.
class FileChanges {
 public:
  explicit FileChanges(FileStamps known);

  // The files, other than hidden ones, that aren't as known and were the same at the last call;
  // from then on they are known as they are in `now`. Nothing while any file is changing, since
  // a certificate and its key are replaced one after the other.
  std::vector<std::filesystem::path> poll(const FileStamps& now);

  std::vector<std::filesystem::path> files() const;

 private:
  FileStamps known_;
  FileStamps last_;
};

}  // namespace tunnel
