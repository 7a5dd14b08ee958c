// A snapshot as JSON, as Prometheus has it, and as a table for people.
#pragma once

#include <string>

#include "status/snapshot.hpp"

namespace tunnel::status {

std::string as_json(const Snapshot& snapshot);

// The text format 0.0.4.
std::string as_metrics(const Snapshot& snapshot);

// Bytes for each second too, where there is an earlier snapshot.
std::string as_table(const Snapshot& snapshot, const Snapshot* earlier);

// "2026-01-31T12:00:00Z", with milliseconds where there are any.
std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> time);

}  // namespace tunnel::status
