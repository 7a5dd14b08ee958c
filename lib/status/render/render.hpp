// A snapshot as JSON, as Prometheus metrics, as a table for people, and as a page for a browser.
#pragma once

#include <string>

#include "status/snapshot.hpp"

namespace tunnel::status {

std::string as_json(const Snapshot& snapshot);

// In Prometheus's text format 0.0.4.
std::string as_metrics(const Snapshot& snapshot);

// With rates since `earlier`, which may be null.
std::string as_table(const Snapshot& snapshot, const Snapshot* earlier);

// Its script and style carry the nonce; the script renews the live part.
std::string as_page(const Snapshot& snapshot, const Snapshot* earlier, const std::string& nonce);
std::string as_live_part(const Snapshot& snapshot, const Snapshot* earlier);

}  // namespace tunnel::status
