// Reading a whole file.
#include "base/file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "base/path.hpp"

namespace tunnel {

std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  constexpr std::size_t block = 64 * 1024;
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);  // an error for a pipe
  if (!error && size > limit) return std::nullopt;
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // no copy in the stream
  file.open(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string out;
  std::size_t used = 0;
  for (;;) {
    // one more than its size, so that the first read of a regular file is the last
    const std::size_t room =
        used == 0 && !error ? static_cast<std::size_t>(size) + 1 : used + block;
    out.resize(std::max(out.size(), room));
    file.read(out.data() + used, static_cast<std::streamsize>(out.size() - used));
    used += static_cast<std::size_t>(file.gcount());
    if (file.bad() || used > limit) return std::nullopt;
    if (!file) break;
  }
  out.resize(used);
  return out;
}

Error permission_denied(const std::filesystem::path& path) {
  return {fmt::format("{} cannot be read: permission denied", shown(path)),
          "let the user that runs tunnel read it, and enter the folders above it"};
}

Error why_unreadable(const std::filesystem::path& path) {
  errno = 0;
  const std::ifstream file(path, std::ios::binary);
  return why_unreadable(path, file ? 0 : errno);
}

Error why_unreadable(const std::filesystem::path& path, int code) {
  if (code == EACCES) return permission_denied(path);
  if (code == ENOENT)
    return {fmt::format("there is no file {}", shown(path)), "put it there, or name another"};
  return {fmt::format("{} cannot be read", shown(path)), "check who may read it and its folders"};
}

}  // namespace tunnel
