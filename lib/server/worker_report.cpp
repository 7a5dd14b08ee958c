// Lines that are known, one by one.
#include "server/worker_report.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tunnel {

namespace {

bool has_number(std::string_view line, std::string_view key) {
  constexpr std::size_t longest = 20;
  if (!line.starts_with(key)) return false;
  const std::string_view value = line.substr(key.size());
  return !value.empty() && value.size() <= longest && is_digits(value);
}

bool may_pass(std::string_view line) {
  return line == "READY=1" || line == "RELOADING=1" || line == "STOPPING=1" ||
         line == "WATCHDOG=1" || line.starts_with("STATUS=") ||
         has_number(line, "MONOTONIC_USEC=") || has_number(line, "EXTEND_TIMEOUT_USEC=");
}

}  // namespace

WorkerReport parse_report(std::string_view packet) {
  WorkerReport out;
  while (!packet.empty()) {
    const auto end = std::min(packet.find('\n'), packet.size());
    const std::string_view line = packet.substr(0, end);
    packet.remove_prefix(std::min(end + 1, packet.size()));
    if (line == "READY=1") out.ready = true;
    if (line == taken_report) out.taken = true;
    if (line == refused_report) out.taken = false;
    if (!may_pass(line)) continue;
    if (!out.for_manager.empty()) out.for_manager += '\n';
    out.for_manager += one_line(line);
  }
  return out;
}

}  // namespace tunnel
