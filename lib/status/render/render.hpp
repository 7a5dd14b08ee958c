// A snapshot as JSON, as Prometheus metrics, and as a table for people.
#pragma once

#include <string>

#include "status/snapshot.hpp"

namespace tunnel::status {

std::string as_json(const Snapshot& snapshot);

// In Prometheus's text format 0.0.4.
std::string as_metrics(const Snapshot& snapshot);

// With rates since `earlier`, which may be null.
std::string as_table(const Snapshot& snapshot, const Snapshot* earlier);

}  // namespace tunnel::status
