// Running the services of a configuration in the foreground, or checking them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace tunnel {

// Reads the configuration: at the start, and for each reload on another thread.
using LoadConfig = std::function<config::Checked()>;

// `tunnel --config FILE`: until a signal ends it. With `test_only`, opens nothing.
int serve_file(const std::string& file, const std::vector<config::Override>& overrides,
               bool test_only);

// The same for a configuration from elsewhere; `name` stands for the file.
int serve(const LoadConfig& load, const std::string& name, bool test_only);

}  // namespace tunnel
