// Warns before a certificate expires.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "log/log.hpp"

namespace tunnel {

// Warns at 30, 7 and 1 days and on expiry, once each, even if the clock is set back.
class CertificateMonitor {
 public:
  // `watched`: a new file is picked up without a reload.
  CertificateMonitor(std::string subject, std::string file, std::chrono::sys_seconds not_after,
                     bool watched)
      : subject_(std::move(subject)),
        file_(std::move(file)),
        not_after_(not_after),
        watched_(watched) {}

  struct Warning {
    LogLevel level = LogLevel::warn;
    Error error;
  };
  // Call it every now and then.
  std::optional<Warning> poll(std::chrono::sys_seconds now);

  const std::string& subject() const { return subject_; }
  std::chrono::sys_seconds not_after() const { return not_after_; }

 private:
  const std::string subject_;
  const std::string file_;
  const std::chrono::sys_seconds not_after_;
  const bool watched_;
  std::size_t warned_ = 0;  // how many of the four
};

}  // namespace tunnel
