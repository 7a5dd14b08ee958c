// The servers whose keys were accepted at their first use, in a file of this user.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel::x509 {

struct KnownServer {
  std::string target;    // as it was dialled, "host:port", and " name" where another was asked for
  std::string pin;       // "sha256:BASE64"
  std::size_t line = 0;  // of the file, from 1
};

// A line for each server: its target, a space, its pin. Empty lines and those that begin with "#"
// are left alone. The error names `file` and the first line that is anything else, or that names a
// target again.
Result<std::vector<KnownServer>> parse_known_servers(std::string_view text,
                                                     const std::string& file);

// For all threads, and for all programs of this user at once.
class KnownServers {
 public:
  // The file need not exist yet.
  explicit KnownServers(std::filesystem::path file) : file_(std::move(file)) {}
  // The one in the state folder. An error where it is damaged, or where nothing could be added to
  // it: then every use would be a first one.
  static Result<std::shared_ptr<const KnownServers>> of_this_user();

  // Reads the file. Nothing where the target is new.
  Result<std::optional<KnownServer>> find(std::string_view target) const;

  // To be called once the server has proved that the key is its own. Adds a line and leaves the
  // others as they are; false where somebody else has added it meanwhile. An error where that
  // cannot be done, or where another key has been remembered.
  Result<bool> remember(std::string_view target, const std::string& pin) const;

  // Why a server with another key than the remembered one is refused, and how to accept it.
  Error changed(const KnownServer& known, const std::string& pin) const;

  const std::filesystem::path& file() const { return file_; }

 private:
  // What is known of the target already; nothing where the line has been added.
  Result<std::optional<KnownServer>> add(std::string_view target, const std::string& pin) const;

  std::filesystem::path file_;
};

}  // namespace tunnel::x509
