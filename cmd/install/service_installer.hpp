// Creates and removes a service with one kind of service manager.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel::cmd {

struct Installation {
  std::string name;                 // of the service, without prefix
  std::string program;              // absolute, as is `config`
  std::string config;               // a TOML file
  bool for_user = false;            // for the user who installs it, rather than for the system
  std::string root;                 // a folder in place of "/"; may be empty
  bool in_image = false;            // `config` lies below `root`, with that system's owners
  std::string account;              // the user to run the service as; empty with `for_user`
  std::vector<std::string> reads;   // absolute files and folders beside `config`
  std::vector<std::string> writes;  // absolute folders that the service writes to
  bool has_log_target = false;      // a file or syslog
};

class ServiceInstaller {
 public:
  // "systemd" or "launchd"; anything else is Windows.
  static std::unique_ptr<const ServiceInstaller> make(std::string_view manager);
  virtual ~ServiceInstaller() = default;

  // Why this manager can't have a service for one user, or a service in a file; nothing if it can.
  virtual std::optional<Error> refusal(bool for_user, bool in_file) const = 0;
  // The user to run a system's service as.
  virtual std::string default_account() const = 0;
  virtual bool is_account(std::string_view name) const = 0;

  // The file that install() would write.
  virtual Result<std::string> preview(const Installation& service) const = 0;
  // Replaces an earlier installation, but nothing that is not ours. Returns what to tell the user.
  virtual Result<std::string> install(const Installation& service) const = 0;
  // Needs name, for_user and root. Returns what to tell the user.
  virtual Result<std::string> uninstall(const Installation& service) const = 0;
};

// A name of a service, or of an account on POSIX: letters, digits, "-", "_" and ".", at most 64.
bool is_service_name(std::string_view name);

// The first words of every file and description that `tunnel install` writes.
inline constexpr std::string_view installed_mark = "written by tunnel install";
// Whether a file or description begins with them.
bool is_ours(const std::string& content);

}  // namespace tunnel::cmd
