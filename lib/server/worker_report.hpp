// What a worker may tell its keeper. The keeper doesn't trust it: whoever takes a worker over can
// ask for a reload, and say how things are, and nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel {

struct WorkerReport {
  std::string for_manager;         // the lines of sd_notify(3) to pass on; may be empty
  bool ready = false;              // it serves
  bool asks_for_reload = false;    // such as for a signal that was sent to it
  std::optional<bool> taken = {};  // whether it has taken the last reload or renewal into use
};

// Of one packet. Every line that isn't known is dropped.
WorkerReport parse_report(std::string_view packet);

// Packets of the worker.
inline constexpr std::string_view taken_report = "TAKEN=1";
inline constexpr std::string_view refused_report = "TAKEN=0";

}  // namespace tunnel
