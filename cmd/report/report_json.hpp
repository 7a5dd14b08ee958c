// A check's report for programs: one JSON document.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "check/report.hpp"

namespace tunnel::cmd {

// Ends with a line feed. The names are described in tunnel(1), and stay.
std::string report_json(const std::vector<ServiceReport>& services, std::chrono::sys_seconds now);

}  // namespace tunnel::cmd
