// One service from options of the command line instead of a file.
#pragma once

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <vector>

#include "cmd/cli/relay_offer_input.hpp"
#include "server/config_loader.hpp"

namespace tunnel::cmd {

enum class Mode { client, server };

struct ServiceOptions {
  Mode mode = Mode::client;
  std::string name = "client";  // of the service, in the log
  std::string accept;           // as in the file, or a port's digits
  std::string connect;          // "-": from standard input
  std::vector<std::string> ca, pin, client_ca, client_pin, allow;
  std::optional<std::string> verify, server_name, cert, key, open_for, log_level;
  bool no_tls = false;
  std::vector<std::string> set;  // "KEY=VALUE", for any other key of a service
};

// Adds the options of that mode, all but the two addresses, and returns them. `options` outlives
// the command.
std::vector<const CLI::Option*> add_service_options(CLI::App& command, ServiceOptions& options);

// The configuration of that one service, validated like a file, with mistakes in OptionWording.
// Reads the relay's offer if `connect` asks for it.
Result<ConfigSource> source_of(const ServiceOptions& options, RestOfInput rest = RestOfInput::ours);

}  // namespace tunnel::cmd
