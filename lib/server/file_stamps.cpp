// Times and sizes, compared.
#include "server/file_stamps.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

namespace tunnel {

namespace {

namespace fs = std::filesystem;

std::optional<FileStamp::Version> version_of(const fs::path& file) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  if (error) return std::nullopt;
  const auto size = fs::file_size(file, error);
  // a folder in a folder of authorities has no size
  return FileStamp::Version{file, written, error ? 0 : size};
}

FileStamp stamp_of(const fs::path& path) {
  FileStamp out;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  out.hidden = error == std::errc::permission_denied;
  if (!fs::exists(status)) return out;
  // a pipe can be read once only, and a device has no versions
  if (!fs::is_regular_file(status) && !fs::is_directory(status)) {
    out.hidden = true;
    return out;
  }
  if (!fs::is_directory(status)) {
    if (auto version = version_of(path)) out.versions.push_back(std::move(*version));
    return out;
  }
  fs::directory_iterator entry(path, error);
  out.hidden = error == std::errc::permission_denied;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (auto version = version_of(entry->path())) out.versions.push_back(std::move(*version));
  std::ranges::sort(out.versions, {}, &FileStamp::Version::file);
  return out;
}

}  // namespace

FileStamps stamps_of(const std::vector<fs::path>& files) {
  FileStamps out;
  for (const fs::path& file : files) out.emplace(file, stamp_of(file));
  return out;
}

FileChanges::FileChanges(FileStamps known) : known_(std::move(known)), last_(known_) {}

std::vector<fs::path> FileChanges::poll(const FileStamps& now) {
  const bool at_rest = std::exchange(last_, now) == now;
  if (!at_rest) return {};
  std::vector<fs::path> changed;
  for (auto& [file, stamp] : known_) {
    const auto seen = now.find(file);
    if (seen == now.end() || seen->second.hidden || seen->second == stamp) continue;
    stamp = seen->second;
    changed.push_back(file);
  }
  return changed;
}

std::vector<fs::path> FileChanges::files() const {
  std::vector<fs::path> out;
  for (const auto& [file, stamp] : known_) out.push_back(file);
  return out;
}

}  // namespace tunnel
