// Reading a whole file.
#include "base/file.hpp"

#include <algorithm>
#include <fstream>

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

}  // namespace tunnel
