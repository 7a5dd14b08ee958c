// Asks in a child process, since root that becomes another user cannot come back.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "os/process/account_access.hpp"

namespace tunnel::os {

namespace {

constexpr char granted = '+';
constexpr char refused = '-';

// By opening, where that has no effect: access() does not know every rule.
bool is_refused(const FileAccess& wanted) {
  if (wanted.kind == FileAccess::Kind::read) {
    const int file = open(wanted.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file >= 0) close(file);
    return file < 0 && (errno == EACCES || errno == EPERM);
  }
  const int mode = wanted.kind == FileAccess::Kind::write ? W_OK | X_OK : X_OK;
  return access(wanted.path.c_str(), mode) != 0 && (errno == EACCES || errno == EPERM);
}

// One character for each access; fewer if the child could not switch.
std::string ask(const Identity& account, const std::vector<FileAccess>& wanted) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    if (!become(account)) _exit(1);
    std::string answers;
    for (const FileAccess& one : wanted) answers += is_refused(one) ? refused : granted;
    _exit(write(ends[1], answers.data(), answers.size()) < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string answers;
  char part[512];
  while (child > 0) {
    const ssize_t size = read(ends[0], part, sizeof part);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    answers.append(part, static_cast<std::size_t>(size));
  }
  close(ends[0]);
  while (child > 0 && waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return answers;
}

}  // namespace

std::optional<std::vector<FileAccess>> refused_accesses(const Identity& account,
                                                        const std::vector<FileAccess>& wanted) {
  const std::string answers = ask(account, wanted);
  if (answers.size() != wanted.size()) return std::nullopt;
  std::vector<FileAccess> out;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (answers[i] == refused) out.push_back(wanted[i]);
  return out;
}

}  // namespace tunnel::os
