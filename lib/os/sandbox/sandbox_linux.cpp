// Core dumps, new privileges, and the order of the layers.
#include "os/sandbox/name_services.hpp"
#include "os/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tunnel::os {

namespace {

// Sanitizers trace the process, read its memory map and start programs; coverage is written to the
// build tree at the end.
constexpr bool sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(TUNNEL_COVERAGE)
  return true;
#elif defined(__has_feature)
  return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||
         __has_feature(memory_sanitizer);
#else
  return false;
#endif
}

std::size_t other_threads() {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator thread("/proc/self/task", error), end;
       !error && thread != end; thread.increment(error))
    ++count;
  return count > 1 ? count - 1 : 0;
}

}  // namespace

Layer forbid_core_dumps() {
  if (sanitized()) return {false, "core dumps: as the system has it, in a build with sanitizers"};
  // not by RLIMIT_CORE: a core_pattern with a pipe ignores it, and child processes inherit it
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return {false, std::string("core dumps cannot be forbidden: ") + std::strerror(errno)};
  return {true, "no core dumps, and no debugger of the same user"};
}

SandboxLayers enter_sandbox(const Needs& needs) {
  SandboxLayers entered;
  std::vector<Layer>& out = entered.layers;
  if (sanitized()) {
    out.push_back({false, "a build with sanitizers, which the sandbox would stop"});
    return entered;
  }
  // Landlock and seccomp require it, too
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    out.push_back(
        {false, std::string("new privileges cannot be given up: ") + std::strerror(errno)});
    return entered;
  }
  if (const auto others = other_threads(); others > 0)
    out.push_back({false, fmt::format("{} threads that there were before are not confined to files",
                                      others)});
  out.push_back({true, "no new privileges, whatever program it would start"});
  load_name_services();
  out.push_back(restrict_files(needs));
  entered.files = out.back().holds;
  out.push_back(restrict_system_calls(needs));
  return entered;
}

bool hidden_by_sandbox(const std::filesystem::path& path) {
  // access() checks the rights of the user, and ignores Landlock
  if (access(path.c_str(), R_OK) != 0) return false;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0) close(file);
  return file < 0 && errno == EACCES;
}

}  // namespace tunnel::os
