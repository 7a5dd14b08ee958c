// Running the services of a configuration in the foreground, or checking them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "config/load.hpp"
#include "log/log.hpp"
#include "os/service/service_manager.hpp"
#include "server/sandbox_policy.hpp"
#include "server/server.hpp"

namespace tunnel {

// Where a configuration comes from.
struct ConfigSource {
  // Reads it: at the start, and for each reload on another thread.
  std::function<config::Checked()> load;
  // Puts each mistake into the words of where it was made; may be empty.
  std::function<void(config::Mistake&)> rephrase = {};
};

// `tunnel --config FILE`: until a signal ends it. With `test_only`, opens nothing.
int serve_file(const std::string& file, const std::vector<config::Override>& overrides,
               bool test_only);

// The same for a configuration from elsewhere; `name` stands for the file.
int serve(const ConfigSource& source, const std::string& name, bool test_only);

// A server that listens and does not run yet, and what outlives it.
struct Prepared {
  std::unique_ptr<os::ServiceManager> manager;
  std::unique_ptr<Sandbox> sandbox;  // entered by whoever runs the server, after what it starts
  std::unique_ptr<Log> log;
  std::unique_ptr<Server> server;
};

// Reads, checks and binds; or an exit status, where what is wrong has been said.
std::variant<Prepared, int> prepare(const ConfigSource& source);

}  // namespace tunnel
