// A check's report for people, line by line as it comes.
#pragma once

#include <chrono>
#include <string>

#include "check/report.hpp"

namespace tunnel::cmd {

struct ReportStyle {
  bool colours = false;
  std::chrono::sys_seconds now;  // for the days that certificates have left
};

// All end with a line feed, and keep to 80 columns where words allow it.

// The heading of one target: "vnc: relay.example:443"; without the service where that is named like
// its target. Of a service's own certificate: an empty target.
std::string heading_text(const std::string& service, const std::string& target,
                         const ReportStyle& style);
std::string step_text(const Step& step, const ReportStyle& style);
std::string verdict_text(const std::string& service, const Verdict& verdict,
                         const ReportStyle& style);

}  // namespace tunnel::cmd
