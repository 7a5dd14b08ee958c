// Looks for the end of a private key's PEM header.
#include "config/key_in_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace tunnel::config {

bool holds_private_key(const std::filesystem::path& path) {
  constexpr std::string_view sign = "PRIVATE KEY-----";
  constexpr std::size_t limit = std::size_t{1} << 20;
  if (std::error_code error; !std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0);  // no copy in the stream
  file.open(path, std::ios::binary);
  std::array<char, 4096> block{};
  std::size_t kept = 0;  // the end of the last block, for a sign that lies across two
  bool found = false;
  for (std::size_t total = 0; !found && file && total < limit;) {
    file.read(block.data() + kept, static_cast<std::streamsize>(block.size() - kept));
    const auto count = static_cast<std::size_t>(file.gcount());
    total += count;
    const std::string_view text(block.data(), kept + count);
    found = text.find(sign) != text.npos;
    kept = std::min(text.size(), sign.size() - 1);
    std::copy(text.end() - static_cast<std::ptrdiff_t>(kept), text.end(), block.begin());
  }
  // volatile: the compiler may not leave it out
  for (volatile char& c : block) c = 0;
  return found;
}

}  // namespace tunnel::config
