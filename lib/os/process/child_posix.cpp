// posix_spawn, and a thread that waits for signals.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "os/process/child.hpp"
#include "os/process/signal_wait.hpp"

extern char** environ;

namespace tunnel::os {

namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

sigset_t forwarded() {
  return set_of({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD});
}

Child::Failure failure(const std::string& command, int error) {
  if (error == ENOENT)
    return {{fmt::format("there is no command \"{}\"", command),
             "is it installed, and its folder in PATH?"},
            127};
  return {{fmt::format("the command \"{}\" cannot be run: {}", command, std::strerror(error)), ""},
          126};
}

int status_of(int state) { return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state); }

}  // namespace

struct Child::Process {
  pid_t id;
};

std::variant<Child, Child::Failure> Child::start(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  // if it is ignored, waitpid() can't tell the exit status
  std::signal(SIGCHLD, SIG_DFL);
  const sigset_t ours = forwarded();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &ours, &before);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &before);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t id = 0;
  const int error =
      posix_spawnp(&id, arguments.front(), nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return Child(std::make_unique<Process>(Process{id}));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return failure(words.front(), error);
}

int Child::wait() {
  const sigset_t signals = forwarded();
  for (;;) {
    int state = 0;
    const pid_t ended = waitpid(process_->id, &state, WNOHANG);
    if (ended == process_->id) return status_of(state);
    if (ended < 0 && errno != EINTR) return 1;
    const Signal signal = wait_for_signal(signals);
    if (signal.number != SIGCHLD && signal.number > 0 && !signal.from_terminal)
      ::kill(process_->id, signal.number);
  }
}

bool Child::wait_for_stop_signal() {
  const sigset_t signals = set_of({SIGINT, SIGTERM, SIGHUP, SIGQUIT});
  return wait_for_signal(signals).number > 0;
}

Child::Child(std::unique_ptr<Process> process) : process_(std::move(process)) {}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&&) noexcept = default;
Child::~Child() = default;

}  // namespace tunnel::os
