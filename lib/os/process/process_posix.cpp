// Process-wide settings by POSIX.
#include <fcntl.h>
#include <sys/resource.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <system_error>

#include "os/process/process.hpp"

namespace tunnel::os {

const int reload_signal = SIGHUP;
const int status_signal = SIGUSR1;

#ifdef __APPLE__
const char* const service_manager_name = "launchd";

std::filesystem::path program_path() {
  std::string path(4096, '\0');
  auto size = static_cast<std::uint32_t>(path.size());
  if (_NSGetExecutablePath(path.data(), &size) != 0) return {};
  path.resize(path.find('\0'));
  std::error_code error;
  return std::filesystem::canonical(path, error);
}
#else
const char* const service_manager_name = "systemd";

std::filesystem::path program_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}
#endif

std::vector<std::string> command_line_words(int argc, char** argv) { return {argv, argv + argc}; }

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<std::size_t> descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return static_cast<std::size_t>(limit.rlim_cur);
}

// The system gives the lowest that is free, so those of a young process are low.
std::size_t open_descriptors() {
  constexpr int highest = 1024;
  std::size_t out = 0;
  for (int number = 0; number < highest; ++number)
    if (fcntl(number, F_GETFD) != -1) ++out;
  return out;
}

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  // asks a keeper for an upgrade: without one, there is none
  std::signal(SIGUSR2, SIG_IGN);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  // macOS reports "infinity" but refuses more than OPEN_MAX; a million is enough for any service
  rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 1 << 20);
#ifdef __APPLE__
  wanted = std::min<rlim_t>(wanted, OPEN_MAX);
#endif
  if (wanted <= limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace tunnel::os
