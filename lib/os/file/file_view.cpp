// Looks for a copy before it reads the disk.
#include "os/file/file_view.hpp"

#include <fstream>
#include <utility>

#include "os/file/private_file.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;

FileCopy::Kind kind_on_disk(const fs::path& path, std::error_code& error) {
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return FileCopy::Kind::missing;
  if (fs::is_directory(status)) return FileCopy::Kind::folder;
  return fs::is_regular_file(status) ? FileCopy::Kind::file : FileCopy::Kind::other;
}

std::vector<fs::path> files_on_disk(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> out;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (std::error_code ignored; entry->is_regular_file(ignored)) out.push_back(entry->path());
  return out;
}

std::shared_ptr<FileCopy> copy_of(const fs::path& path) {
  auto out = std::make_shared<FileCopy>();
  out->kind = kind_on_disk(path, out->error);
  if (out->kind == FileCopy::Kind::missing || out->kind == FileCopy::Kind::folder) return out;
  errno = 0;
  if (auto bytes = read_file(path))
    out->bytes = std::move(*bytes);
  else
    out->error = std::error_code(errno != 0 ? errno : EIO, std::generic_category());
  out->others_can_read = os::others_can_read(path);
  return out;
}

}  // namespace

FileCopy::~FileCopy() {
  // volatile: the compiler may not leave it out
  for (volatile char& c : bytes) c = 0;
}

FileCopies copies_of(const std::vector<fs::path>& paths) {
  FileCopies out;
  for (const fs::path& path : paths) {
    const auto copy = copy_of(path);
    out[path] = copy;
    if (copy->kind != FileCopy::Kind::folder) continue;
    for (const fs::path& file : files_on_disk(path, copy->error)) out[file] = copy_of(file);
  }
  return out;
}

const FileCopy* FileView::copy(const fs::path& path) const {
  if (!copies_) return nullptr;
  const auto found = copies_->find(path);
  return found == copies_->end() ? nullptr : found->second.get();
}

FileCopy::Kind FileView::kind(const fs::path& path, std::error_code& error) const {
  const FileCopy* found = copy(path);
  if (found == nullptr) return kind_on_disk(path, error);
  error = found->error;
  return found->kind;
}

bool FileView::is_folder(const fs::path& path) const {
  std::error_code error;
  return kind(path, error) == FileCopy::Kind::folder;
}

bool FileView::is_file(const fs::path& path) const {
  std::error_code error;
  return kind(path, error) == FileCopy::Kind::file;
}

std::optional<std::string> FileView::read(const fs::path& path, std::size_t limit) const {
  const FileCopy* found = copy(path);
  if (found == nullptr) return read_file(path, limit);
  const bool is_content =
      found->kind == FileCopy::Kind::file || found->kind == FileCopy::Kind::other;
  if (!is_content || found->error || found->bytes.size() > limit) return std::nullopt;
  return found->bytes;
}

std::vector<fs::path> FileView::files_in(const fs::path& folder, std::error_code& error) const {
  const FileCopy* found = copy(folder);
  if (found == nullptr) return files_on_disk(folder, error);
  error = found->error;
  std::vector<fs::path> out;
  for (const auto& [path, file] : *copies_)
    if (file->kind == FileCopy::Kind::file && path.parent_path() == folder) out.push_back(path);
  return out;
}

std::optional<Error> FileView::why_unreadable(const fs::path& path) const {
  if (const FileCopy* found = copy(path))
    return found->kind == FileCopy::Kind::missing ? tunnel::why_unreadable(path, ENOENT)
           : found->error ? tunnel::why_unreadable(path, found->error.value())
                          : std::optional<Error>();
  errno = 0;
  if (const std::ifstream file(path, std::ios::binary); file) return std::nullopt;
  return tunnel::why_unreadable(path, errno);
}

bool FileView::others_can_read(const fs::path& path) const {
  const FileCopy* found = copy(path);
  return found != nullptr ? found->others_can_read : os::others_can_read(path);
}

}  // namespace tunnel::os
