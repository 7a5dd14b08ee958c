// The state folder by the XDG base directory specification, or the conventions of macOS.
#include "os/file/state_folder.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace tunnel::os {

namespace {

std::filesystem::path home() {
  if (const char* set = std::getenv("HOME"); set != nullptr && *set == '/') return set;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> text{};
  if (getpwuid_r(getuid(), &entry, text.data(), text.size(), &found) == 0 && found != nullptr &&
      found->pw_dir != nullptr && *found->pw_dir == '/')
    return found->pw_dir;
  return {};
}

}  // namespace

Result<std::filesystem::path> state_folder() {
#ifdef __APPLE__
  if (const auto folder = home(); !folder.empty())
    return folder / "Library" / "Application Support" / "tunnel";
  return Error{"there is no home folder to remember anything in", "set HOME"};
#else
  // the specification says to ignore a relative path
  if (const char* set = std::getenv("XDG_STATE_HOME"); set != nullptr && *set == '/')
    return std::filesystem::path(set) / "tunnel";
  if (const auto folder = home(); !folder.empty()) return folder / ".local" / "state" / "tunnel";
  return Error{"there is no home folder to remember anything in", "set HOME or XDG_STATE_HOME"};
#endif
}

}  // namespace tunnel::os
