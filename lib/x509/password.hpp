// The password of an encrypted key, from a file: wiped when it goes, and never shown.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "os/file/file_view.hpp"

namespace tunnel::x509 {

class Password {
 public:
  explicit Password(std::string_view text) : text_(text) {}
  Password(Password&& other) noexcept;
  Password& operator=(Password&& other) noexcept;
  ~Password();

  std::span<const unsigned char> bytes() const {
    return {reinterpret_cast<const unsigned char*>(text_.data()), text_.size()};
  }

 private:
  void wipe();

  std::string text_;
};

// The first line of the file, without its end. An error where it is empty, or where everybody may
// read it.
Result<Password> read_password(const std::filesystem::path& path, const os::FileView& files = {});

}  // namespace tunnel::x509
