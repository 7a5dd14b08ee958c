// Headers of tables that were meant as [service.NAME] or [defaults] and say something else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/reader.hpp"

namespace tunnel::config {

// Letters, digits, "-", "_" and ".", at most 64.
bool is_service_name(std::string_view name);

// "service.vnc", with quotes around a name with dots. Letters that no name has become "-".
std::string service_header(std::string_view name);

// A table that was meant as a service, and its name.
struct MeantService {
  const RawEntry* entry;
  std::string name;
};

struct Headers {
  std::vector<MeantService> services;
  const RawTable* defaults = nullptr;
  bool wrong = false;       // a mistake was reported
  bool in_service = false;  // about [service] itself
};

// Reports the headers of `root` that are wrong, and finds what was meant by them.
Headers meant_headers(const RawTable& root, TableReader& reader);

// Whether the table of a service holds nothing but services: [service.a.b].
bool holds_only_services(const RawTable& table);

// Reports the services within the table of the service `name`.
std::vector<MeantService> nested_services(std::string_view name, const RawTable& table,
                                          TableReader& reader);

}  // namespace tunnel::config
