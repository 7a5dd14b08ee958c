// Reading and wiping passwords.
#include "x509/password.hpp"

#include <fmt/format.h>
#include <mbedtls/platform_util.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "base/file.hpp"
#include "base/path.hpp"
#include "os/file/private_file.hpp"

namespace tunnel::x509 {

// A short one lies inside the string itself, so a move copies it.
Password::Password(Password&& other) noexcept : text_(other.text_) { other.wipe(); }

Password& Password::operator=(Password&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  other.wipe();
  return *this;
}

Password::~Password() { wipe(); }

void Password::wipe() {
  mbedtls_platform_zeroize(text_.data(), text_.size());
  text_.clear();
}

Result<Password> read_password(const std::filesystem::path& path) {
  const std::string name = shown(path);
  if (os::others_can_read(path))
    return Error{fmt::format("everybody on this machine may read {}", name),
                 fmt::format("chmod o-rwx {}", name)};
  std::ifstream file;
  // no buffer of the library keeps a copy
  file.rdbuf()->pubsetbuf(nullptr, 0);
  file.open(path, std::ios::binary);
  if (!file) return why_unreadable(path);
  std::array<char, 1024> block;
  file.read(block.data(), block.size());
  const auto size = static_cast<std::size_t>(file.gcount());
  const bool bad = file.bad();
  const std::string_view read(block.data(), size);
  const std::string_view line = read.substr(0, read.find_first_of("\r\n"));
  Result<Password> out =
      bad            ? Result<Password>(Error{fmt::format("{} cannot be read", name), ""})
      : line.empty() ? Result<Password>(Error{fmt::format("the first line of {} is empty", name),
                                              "it must be the password, and nothing else"})
      : line.size() == block.size()
          ? Result<Password>(
                Error{fmt::format("the first line of {} is longer than 1023 bytes", name),
                      "it must be the password, and nothing else"})
          : Result<Password>(Password(line));
  mbedtls_platform_zeroize(block.data(), block.size());
  return out;
}

}  // namespace tunnel::x509
