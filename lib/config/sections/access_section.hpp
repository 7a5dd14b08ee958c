// The keys of a service for access by address and for its closing time.
#pragma once

#include "config/reader.hpp"

namespace tunnel::config {

// A key that lists ranges of addresses.
std::vector<Range> read_ranges(std::string_view key, TableReader& reader);

// `allow` and `deny`.
void read_access(Service& service, TableReader& reader);

// `open_for` and `until`.
void read_schedule(Service& service, TableReader& reader);

}  // namespace tunnel::config
