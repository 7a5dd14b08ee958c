// Services in the registry of Windows's service control manager.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

struct ServiceEntry {
  std::string name;                  // as sc.exe uses it
  std::string display;               // for people
  std::vector<std::string> command;  // the program, and its arguments
  std::string account;               // the user to run the service as
  std::string description;
};

// All text is UTF-8. An error says why Windows refuses.

// Adds a service that starts with the system and restarts after a failure. Replaces an entry of
// this name if `is_ours` accepts its description; else returns false, and changes nothing.
Result<bool> add_service(const ServiceEntry& entry,
                         bool (*is_ours)(const std::string& description));
// Stops and removes the service; false if it is not ours.
Result<bool> remove_service(const std::string& name,
                            bool (*is_ours)(const std::string& description));

}  // namespace tunnel::os
