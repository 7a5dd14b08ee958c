// Any bytes from a worker: its keeper passes on nothing but lines that it knows.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/worker_report.hpp"

namespace {

constexpr std::array<std::string_view, 7> known = {
    "READY=1", "RELOADING=1",     "STOPPING=1",          "WATCHDOG=1",
    "STATUS=", "MONOTONIC_USEC=", "EXTEND_TIMEOUT_USEC="};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string packet(reinterpret_cast<const char*>(data), size);
  const auto report = tunnel::parse_report(packet);
  std::string_view left = report.for_manager;
  while (!left.empty()) {
    const auto end = std::min(left.find('\n'), left.size());
    const std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    require(std::ranges::any_of(known, [&](auto key) { return line.starts_with(key); }));
    require(std::ranges::all_of(line, [](unsigned char c) { return c >= ' ' && c != 0x7f; }));
  }
  return 0;
}
