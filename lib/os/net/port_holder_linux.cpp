// Finds the holder in /proc: the inode of the listening socket, then the process that has it open.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "os/net/port_holder.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;

// proc(5): "sl local_address rem_address st ... inode"; the port in hexadecimal, state 0A is
// LISTEN.
void add_listening_inodes(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, queues, timer, retransmits, user, timeouts, inode;
    words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeouts >> inode;
    const auto colon = local.rfind(':');
    unsigned found = 0;
    if (colon == local.npos || state != "0A") continue;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16);
    if (found == port) inodes.insert("socket:[" + inode + "]");
  }
}

bool holds(const fs::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    std::error_code unreadable;
    if (inodes.contains(fs::read_symlink(fd->path(), unreadable).string())) return true;
  }
  return false;
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  std::set<std::string> inodes;
  add_listening_inodes("/proc/net/tcp", port, inodes);
  add_listening_inodes("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) return {};
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    const std::string id = process->path().filename().string();
    if (id.find_first_not_of("0123456789") != id.npos || !holds(process->path(), inodes)) continue;
    std::string name;
    std::getline(std::ifstream(process->path() / "comm"), name);
    return fmt::format("{} (process {})", name.empty() ? "a program" : name, id);
  }
  return "another user's process";
}

}  // namespace tunnel::os
