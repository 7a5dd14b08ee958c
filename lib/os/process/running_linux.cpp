// Reads /proc.
#include "os/process/running.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "os/process/supervision.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;

fs::path proc(int process) { return fs::path("/proc") / std::to_string(process); }

std::vector<std::string> words_of(int process) {
  std::ifstream file(proc(process) / "cmdline", std::ios::binary);
  std::vector<std::string> out;
  for (std::string word; std::getline(file, word, '\0');) out.push_back(word);
  return out;
}

std::vector<int> children_of(int process) {
  std::ifstream file(proc(process) / "task" / std::to_string(process) / "children");
  std::vector<int> out;
  for (int child = 0; file >> child;) out.push_back(child);
  return out;
}

bool is_worker(int process) {
  const auto words = words_of(process);
  return !words.empty() && std::string_view(worker_title).starts_with(words.front()) &&
         words.front().starts_with("tunnel: ");
}

// The last part of the path of its control group.
std::string unit_of(int process) {
  std::ifstream file(proc(process) / "cgroup");
  std::string line;
  while (std::getline(file, line))
    if (line.ends_with(".service")) return line.substr(line.rfind('/') + 1);
  return {};
}

std::optional<int> number(const std::string& name) {
  int out = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), out);
  return error == std::errc() && end == name.data() + name.size() ? std::optional(out)
                                                                  : std::nullopt;
}

}  // namespace

std::vector<Running> supervised_programs() {
  std::vector<Running> out;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto process = number(entry->path().filename().string());
    if (!process || !std::ranges::any_of(children_of(*process), is_worker)) continue;
    std::error_code ignored;
    out.push_back({*process, words_of(*process), fs::read_symlink(proc(*process) / "cwd", ignored),
                   unit_of(*process)});
  }
  return out;
}

Result<std::monostate> request_upgrade(int process) {
  if (kill(process, SIGUSR2) == 0) return std::monostate{};
  return Error{
      fmt::format("process {} can't be told: {}", process, std::strerror(errno)),
      errno == EPERM ? "it belongs to another user; run this as that one, or as root" : ""};
}

UpgradeState upgrade_state(int process) {
  UpgradeState out;
  for (const int child : children_of(process))
    if (!is_worker(child)) out.successor = child;
  const auto words = words_of(process);
  // the title is cut off to the length of the command line
  out.done = !words.empty() && words.front().starts_with("tunnel: r");
  out.exited = words.empty();
  return out;
}

}  // namespace tunnel::os
