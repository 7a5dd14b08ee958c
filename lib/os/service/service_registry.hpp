// The services that Windows's service control manager knows, where there is one.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

struct ServiceEntry {
  std::string name;                  // as sc.exe has it
  std::string display;               // for people
  std::vector<std::string> command;  // the program, and its arguments
  std::string account;               // whom it runs as
  std::string description;
};

// Started with the system, and again after it has failed. An entry of this name whose description
// is ours is replaced; another one is an error. UTF-8 throughout.
Result<std::monostate> add_service(const ServiceEntry& entry,
                                   bool (*is_ours)(const std::string& description));
// Stops it too.
Result<std::monostate> remove_service(const std::string& name,
                                      bool (*is_ours)(const std::string& description));

}  // namespace tunnel::os
