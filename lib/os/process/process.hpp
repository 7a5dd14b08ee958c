// Settings and properties of this process.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tunnel::os {

// Raises the soft limit of open descriptors to the hard limit, turns core files off, and makes a
// write to a closed pipe an error rather than a fatal signal.
void prepare_process();

// How many descriptors may be open at a time, and how many are; nothing where there is no such
// limit.
std::optional<std::size_t> descriptor_limit();
std::size_t open_descriptors();

// This program's file; empty if unknown.
std::filesystem::path program_path();

// The command line in UTF-8, the program's name first. Windows ignores main()'s arguments.
std::vector<std::string> command_line_words(int argc, char** argv);

// In UTF-8; nothing if it is not set.
std::optional<std::string> environment_variable(const std::string& name);

// "systemd", "launchd" or "windows".
extern const char* const service_manager_name;

// The signal for a reload; 0 if the system has none.
extern const int reload_signal;
// The signal for logging the status; 0 if the system has none.
extern const int status_signal;

}  // namespace tunnel::os
