// Running the services of a configuration in the foreground, or checking them.
#pragma once

#include <string>
#include <vector>

#include "config/load.hpp"

namespace tunnel {

// `tunnel --config FILE`: until a signal ends it. With `test_only`, opens nothing.
int serve_file(const std::string& file, const std::vector<config::Override>& overrides,
               bool test_only);

// The same for what has been checked already; `name` stands for the file.
int serve(config::Checked checked, const std::string& name, bool test_only);

}  // namespace tunnel
