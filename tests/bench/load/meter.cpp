// CPU time from the clocks of processes, memory from smaps_rollup.
#include "meter.hpp"

#include <fstream>
#include <string>

#include "net.hpp"

namespace load {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double Meter::cpu_seconds() const {
  double sum = 0;
  for (const pid_t pid : pids_) {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
      fail("process " + std::to_string(pid) + " has ended");
    sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  return sum;
}

double Meter::pss_kib() const {
  double sum = 0;
  for (const pid_t pid : pids_) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    std::string word;
    while (file >> word && word != "Pss:") continue;
    double kib = 0;
    if (!(file >> kib)) fail("cannot read the memory of process " + std::to_string(pid));
    sum += kib;
  }
  return sum;
}

}  // namespace load
