// The keys of a service that say who may come in, and for how long.
#pragma once

#include "config/reader.hpp"

namespace tunnel::config {

// `allow` and `deny`.
void read_access(Service& service, TableReader& reader);

// `open_for` and `until`.
void read_closing_time(Service& service, TableReader& reader);

}  // namespace tunnel::config
