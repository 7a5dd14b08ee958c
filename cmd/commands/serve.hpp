// Runs the services of a configuration in the foreground, or checks the configuration.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cmd/cli/exit_status.hpp"
#include "config/load.hpp"
#include "log/log.hpp"
#include "os/service/service_manager.hpp"
#include "server/config_loader.hpp"
#include "server/sandbox_policy.hpp"
#include "server/server.hpp"

namespace tunnel::cmd {

// `tunnel --config FILE`: runs until a signal. With `test_only`, checks FILE and opens nothing.
ExitStatus serve_file(const std::string& file, const std::vector<config::Override>& overrides,
                      bool test_only);

// The same for a configuration from elsewhere; `name` stands for the file.
ExitStatus serve(const ConfigSource& source, const std::string& name, bool test_only);

// A server that listens but doesn't run yet, with everything that must outlive it.
struct Prepared {
  std::unique_ptr<os::ServiceManager> manager;
  std::unique_ptr<Sandbox> sandbox;  // not entered yet: the caller may start a command first
  std::unique_ptr<Log> log;
  std::unique_ptr<Server> server;
};

// Loads and binds; or prints the mistakes and returns an exit status.
std::variant<Prepared, ExitStatus> prepare(const ConfigSource& source);

}  // namespace tunnel::cmd
