// A check's report for programs: one JSON document.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "check/report.hpp"

namespace tunnel::cmd {

// Ends with a line feed. tunnel(1) documents the keys, which never change.
std::string report_json(const std::vector<check::ServiceReport>& services,
                        std::chrono::sys_seconds now);

}  // namespace tunnel::cmd
