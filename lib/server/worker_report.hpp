// Messages from a worker to its keeper, which doesn't trust them: an attacker who takes over the
// worker can misreport its state, but can't ask for anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel {

struct WorkerReport {
  std::string for_manager;         // lines of sd_notify(3) to pass on; may be empty
  bool ready = false;              // it serves
  std::optional<bool> taken = {};  // whether it now uses what the last reload or renewal brought
};

// Parses one packet. Unknown lines are dropped.
WorkerReport parse_report(std::string_view packet);

// The worker's answers to a reload or renewal.
inline constexpr std::string_view taken_report = "TAKEN=1";
inline constexpr std::string_view refused_report = "TAKEN=0";

}  // namespace tunnel
