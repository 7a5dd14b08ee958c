// What a server of many sockets asks of its process before it starts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tunnel::os {

// Lifts the soft limit of open descriptors to the hard one, wants no core files, and lets a write
// to a closed pipe be an error instead of the end of the program.
void prepare_process();

// This program's own file; empty where the system does not tell.
std::filesystem::path program_path();

// The words of the command line, the program's own name first, in UTF-8; from main()'s arguments
// where the system has no other.
std::vector<std::string> command_line_words(int argc, char** argv);

// In UTF-8; nothing where it is not set.
std::optional<std::string> environment_variable(const std::string& name);

// "systemd", "launchd" or "windows": what starts services here.
extern const char* const service_manager_name;

// The signal that asks for a reload; 0 where the system has none.
extern const int reload_signal;
// The signal that asks for the status in the log; 0 where the system has none.
extern const int status_signal;

}  // namespace tunnel::os
