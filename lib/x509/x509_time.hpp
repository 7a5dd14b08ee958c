// Times in certificates, for comparing and for people.
#pragma once

#include <mbedtls/x509.h>

#include <chrono>
#include <string>

namespace tunnel::x509 {

// In seconds: the system's clock has no room for certificates without an end. A time that was not
// given is long ago.
inline std::chrono::sys_seconds time_of(const mbedtls_x509_time& t) {
  using namespace std::chrono;
  if (t.mon == 0 || t.day == 0) return {};
  const sys_days day = year_month_day(year(t.year), month(static_cast<unsigned>(t.mon)),
                                      std::chrono::day(static_cast<unsigned>(t.day)));
  return day + hours(t.hour) + minutes(t.min) + seconds(t.sec);
}

inline std::chrono::sys_seconds now_in_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace tunnel::x509
