// A check's report for people, one step at a time.
#pragma once

#include <chrono>
#include <string>

#include "check/report.hpp"

namespace tunnel::cmd {

struct ReportStyle {
  bool colours = false;
  std::chrono::sys_seconds now;  // for the days until a certificate expires
};

// Every text ends with a line feed, and keeps to 80 columns unless a word is longer.

// The heading above the steps of a target: "vnc: relay.example:443", or just the service if its
// name is the target's, or if `target` is empty: the service's own certificate.
std::string heading_text(const std::string& service, const std::string& target,
                         const ReportStyle& style);
std::string step_text(const check::Step& step, const ReportStyle& style);
std::string verdict_text(const std::string& service, const check::Verdict& verdict,
                         const ReportStyle& style);

}  // namespace tunnel::cmd
