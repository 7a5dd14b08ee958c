// Reading and wiping passwords.
#include "x509/password.hpp"

#include <fmt/format.h>
#include <mbedtls/platform_util.h>

#include <string_view>

#include "base/file.hpp"
#include "base/path.hpp"

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

Result<Password> read_password(const std::filesystem::path& path, const os::FileView& files) {
  constexpr std::size_t longest = 1023;
  const std::string name = shown(path);
  if (files.others_can_read(path))
    return Error{fmt::format("everybody on this machine may read {}", name),
                 fmt::format("chmod o-rwx {}", name)};
  auto read = files.read(path);
  if (!read) return files.why_unreadable(path).value_or(why_unreadable(path));
  const std::string_view line = std::string_view(*read).substr(0, read->find_first_of("\r\n"));
  Result<Password> out =
      line.empty() ? Result<Password>(Error{fmt::format("the first line of {} is empty", name),
                                            "it must be the password, and nothing else"})
      : line.size() > longest
          ? Result<Password>(
                Error{fmt::format("the first line of {} is longer than {} bytes", name, longest),
                      "it must be the password, and nothing else"})
          : Result<Password>(Password(line));
  mbedtls_platform_zeroize(read->data(), read->size());
  return out;
}

}  // namespace tunnel::x509
