// What the program keeps of its rights once it listens, from what the configuration names.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "os/process/identity.hpp"
#include "os/sandbox/sandbox.hpp"
#include "server/runtime_config.hpp"

namespace tunnel {

class Sandbox {
 public:
  // For this configuration, read from `file`; an error where there is no such user or group.
  static Result<Sandbox> plan(const config::Config& config, const std::string& file);

  // Becomes the user, then confines this thread and those that it starts, and says each part in the
  // log. To be called when all is bound and nothing else runs; what a command of its own needs, as
  // its start, comes before.
  Result<std::monostate> enter(Log& log);

  // What a reload has loaded: says what cannot be had from inside, and that a restart brings it.
  void judge(std::variant<RuntimeConfig, std::vector<config::Mistake>>& loaded) const;

 private:
  void explain(config::Mistake& mistake) const;
  void refuse_beyond(const config::Config& config, std::vector<config::Mistake>& mistakes) const;

  config::Process process_;
  os::Identity identity_;
  os::Needs needs_;
  bool files_are_confined_ = false;
  bool remembers_ = false;  // keys, at their first use
};

}  // namespace tunnel
