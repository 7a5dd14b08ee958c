// The files that a configuration names.
#pragma once

#include <filesystem>
#include <vector>

#include "config/config.hpp"

namespace tunnel {

// All that a service names and that may be renewed.
std::vector<std::filesystem::path> files_of(const config::Service& service);

// Those of all services, if they are to be watched.
std::vector<std::filesystem::path> watched_files(const config::Config& config);

// Everything that is read when the configuration is loaded, besides its own file.
std::vector<std::filesystem::path> all_files(const config::Config& config);

}  // namespace tunnel
