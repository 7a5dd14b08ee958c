// Which privileges the program keeps once it listens, derived from its configuration.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "log/log.hpp"
#include "os/process/identity.hpp"
#include "os/sandbox/sandbox.hpp"

namespace tunnel {

class Sandbox {
 public:
  // For this configuration, which was read from `file`. Fails if its user or group doesn't exist.
  static Result<Sandbox> plan(const config::Config& config, const std::string& file);

  // Switches to the user, then confines this thread and every thread that it starts. Call it after
  // binding, before any other thread or command starts.
  Result<std::monostate> enter(Log& log);
  // Logs the layers that this system lacks, and a warning of root; layers that hold are logged by
  // enter(), for debugging.
  void report_missing(Log& log) const;

  // A keeper reads files and binds addresses: then the sandbox rules neither out.
  void leave_files_and_addresses_to_keeper() { has_keeper_ = true; }

  // At a reload: suggests a restart for each file that only the sandbox keeps from being read.
  void explain(config::Mistakes& mistakes) const;
  // At a reload: the parts of that configuration that need more than the sandbox allows.
  config::Mistakes ruled_out(const config::Config& config) const;

 private:
  void explain(config::Mistake& mistake) const;
  void rule_out(const config::Service& service, config::Mistakes& mistakes) const;

  config::Process process_;
  os::Identity identity_;
  os::Needs needs_;
  std::vector<std::string> missing_;  // layers
  std::vector<std::string> warnings_;
  bool files_are_confined_ = false;
  bool is_reachable_ = false;  // by other machines
  bool has_keeper_ = false;
  bool remembers_ = false;  // some service stores keys on first use
};

}  // namespace tunnel
