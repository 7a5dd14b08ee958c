// When a warning is due, and its text.
#include "server/certificate_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "os/service/reload_event.hpp"

namespace tunnel {

namespace {

using std::chrono::days;
constexpr std::array<std::chrono::seconds, 4> left_at = {days(30), days(7), days(1), days(0)};

}  // namespace

std::optional<CertificateMonitor::Warning> CertificateMonitor::poll(std::chrono::sys_seconds now) {
  const auto left = not_after_ - now;
  const auto due = static_cast<std::size_t>(
      std::ranges::count_if(left_at, [&](std::chrono::seconds at) { return left <= at; }));
  if (due <= std::exchange(warned_, std::max(warned_, due))) return std::nullopt;
  const std::string next =
      watched_ ? fmt::format("put a new one into {}; tunnel picks it up automatically", file_)
               : fmt::format("put a new one into {}, and reload {}", file_, os::how_to_reload());
  if (left.count() <= 0)
    return Warning{
        LogLevel::error,
        {fmt::format("the certificate \"{}\" has expired on {}: no peer that verifies it "
                     "accepts it",
                     subject_, time_text(not_after_)),
         next}};
  return Warning{LogLevel::warn,
                 {fmt::format("the certificate \"{}\" ends in {}, on {}", subject_,
                              duration_text(left), time_text(not_after_)),
                  next}};
}

}  // namespace tunnel
