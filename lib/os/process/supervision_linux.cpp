// fork(2), and a signalfd beside the link.
#include "os/process/supervision.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

extern char** environ;

namespace tunnel::os {

namespace {

constexpr std::array held = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};

sigset_t held_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : held) sigaddset(&set, signal);
  return set;
}

std::string_view name_of(int signal) {
  switch (signal) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGSEGV:
      return "SIGSEGV";
    case SIGABRT:
      return "SIGABRT";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    case SIGKILL:
      return "SIGKILL";
    case SIGSYS:
      return "SIGSYS";
    default:
      return "a signal";
  }
}

// A pending one; nothing if there is none.
std::optional<SupervisionEvent> next_signal() {
  using Kind = SupervisionEvent::Kind;
  const sigset_t set = held_set();
  const timespec at_once{};
  const int signal = sigtimedwait(&set, nullptr, &at_once);
  switch (signal) {
    case SIGTERM:
    case SIGINT:
      return SupervisionEvent{Kind::stop, name_of(signal)};
    case SIGHUP:
      return SupervisionEvent{Kind::reload};
    case SIGUSR1:
      return SupervisionEvent{Kind::log_status};
    case SIGUSR2:
      return SupervisionEvent{Kind::upgrade};
    case SIGCHLD:
      return SupervisionEvent{Kind::ended};
    default:
      return std::nullopt;
  }
}

std::vector<std::string> own_command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> out;
  for (std::string word; std::getline(file, word, '\0');) out.push_back(word);
  return out;
}

}  // namespace

bool supports_supervision() { return true; }

void hold_signals() {
  // if it is ignored, waitpid() can't tell how a process ended
  std::signal(SIGCHLD, SIG_DFL);
  const sigset_t set = held_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Result<int> fork_worker() {
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0)
    return Error{fmt::format("the worker process cannot be started: {}", std::strerror(errno)),
                 "raise the limit of processes, or give it more memory"};
  return static_cast<int>(process);
}

SupervisionEvent wait_for_event(const ControlSocket* worker, const ControlSocket* successor,
                                std::optional<std::chrono::milliseconds> timeout) {
  const sigset_t set = held_set();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  const auto source = [](const ControlSocket* socket) {
    return pollfd{socket != nullptr ? socket->handle() : -1, POLLIN, 0};
  };
  std::array<pollfd, 3> sources{source(worker), source(successor), {signals, POLLIN, 0}};
  const int ready =
      poll(sources.data(), sources.size(), timeout ? static_cast<int>(timeout->count()) : -1);
  if (signals >= 0) close(signals);
  if (ready > 0 && sources[2].revents != 0)
    if (const auto event = next_signal()) return *event;
  if (ready > 0 && sources[0].revents != 0) return {SupervisionEvent::Kind::message};
  if (ready > 0 && sources[1].revents != 0) return {SupervisionEvent::Kind::successor};
  return {SupervisionEvent::Kind::timeout};
}

Result<int> start_again(const std::filesystem::path& program, const ControlSocket& socket,
                        const char* variable, const std::vector<std::string>& environment) {
  std::vector<std::string> words = own_command_line();
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> added = environment;
  added.push_back(fmt::format("{}={}", variable, socket.handle()));
  std::vector<char*> variables;
  for (char** one = environ; *one != nullptr; ++one) variables.push_back(*one);
  for (std::string& one : added) variables.push_back(one.data());
  variables.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // to the same number: it stays open across exec
  posix_spawn_file_actions_adddup2(&actions, socket.handle(), socket.handle());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t process = 0;
  const int error = posix_spawn(&process, program.c_str(), &actions, &attributes, arguments.data(),
                                variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return Error{
        fmt::format("can't be started from {}: {}", program.string(), std::strerror(error)), ""};
  return static_cast<int>(process);
}

void kill_process(int process) { kill(process, SIGKILL); }

std::optional<Ended> ended_process() {
  int state = 0;
  const pid_t process = waitpid(-1, &state, WNOHANG);
  if (process <= 0) return std::nullopt;
  Ended out;
  out.process = static_cast<int>(process);
  if (WIFEXITED(state)) {
    out.exit_status = WEXITSTATUS(state);
  } else {
    out.signal = WTERMSIG(state);
    out.signal_name = name_of(out.signal);
  }
  return out;
}

// Fields 48 and 49 of proc_pid_stat(5): where the command line lies. The name before them, in
// parentheses, may have spaces.
void set_title(std::string_view title) {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return;
  std::istringstream fields(text.substr(name_end + 1));
  constexpr int before = 45;  // fields 3 to 47
  std::string skipped;
  for (int i = 0; i < before; ++i) fields >> skipped;
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  if (!(fields >> begin >> end) || begin == 0 || end <= begin) return;
  char* const area = reinterpret_cast<char*>(begin);
  const std::size_t size = end - begin;
  std::memset(area, 0, size);
  std::memcpy(area, title.data(), std::min(title.size(), size - 1));
}

void become_worker(std::string_view title) {
  for (const int signal : held)
    if (signal != SIGCHLD) std::signal(signal, SIG_IGN);
  const sigset_t set = held_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  set_title(title);
}

}  // namespace tunnel::os
