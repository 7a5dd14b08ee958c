// Looks for the end of a private key's PEM header.
#include "config/key_in_file.hpp"

namespace tunnel::config {

bool holds_private_key(const std::filesystem::path& path, const os::FileView& files) {
  if (!files.is_file(path)) return false;
  auto bytes = files.read(path);
  if (!bytes) return false;
  const bool found = bytes->find("PRIVATE KEY-----") != std::string::npos;
  // volatile: the compiler may not leave it out
  for (volatile char& c : *bytes) c = 0;
  return found;
}

}  // namespace tunnel::config
