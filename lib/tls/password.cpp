// Reading and wiping passwords.
#include "tls/password.hpp"

#include <fmt/format.h>
#include <mbedtls/platform_util.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "base/text.hpp"
#include "os/private_file.hpp"

namespace tunnel::tls {

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
  const std::string shown = one_line(path.string());
  if (os::others_can_read(path))
    return Error{fmt::format("everybody on this machine may read {}", shown),
                 fmt::format("chmod o-rwx {}", shown)};
  std::FILE* const file = std::fopen(path.string().c_str(), "rb");
  if (file == nullptr)
    return Error{fmt::format("{} cannot be read", shown), "check who may read it and its folders"};
  // no buffer of the library keeps a copy
  std::setvbuf(file, nullptr, _IONBF, 0);
  std::array<char, 1024> block;
  const std::size_t size = std::fread(block.data(), 1, block.size(), file);
  const bool bad = std::ferror(file) != 0;
  std::fclose(file);
  const std::string_view read(block.data(), size);
  const std::string_view line = read.substr(0, read.find_first_of("\r\n"));
  Result<Password> out =
      bad            ? Result<Password>(Error{fmt::format("{} cannot be read", shown), ""})
      : line.empty() ? Result<Password>(Error{fmt::format("the first line of {} is empty", shown),
                                              "it must be the password, and nothing else"})
      : line.size() == block.size()
          ? Result<Password>(
                Error{fmt::format("the first line of {} is longer than 1023 bytes", shown),
                      "it must be the password, and nothing else"})
          : Result<Password>(Password(line));
  mbedtls_platform_zeroize(block.data(), block.size());
  return out;
}

}  // namespace tunnel::tls
