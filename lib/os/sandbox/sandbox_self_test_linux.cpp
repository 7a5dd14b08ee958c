// The forbidden operations; one that succeeds is undone.
#include "os/sandbox/sandbox_self_test.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tunnel::os {

namespace {

class Attempts {
 public:
  explicit Attempts(const std::function<void(const SandboxAttempt&)>& report) : report_(report) {}

  // `answer` is the result of a system call: negative, with errno, if it was refused.
  void add(const char* operation, long answer) {
    const int error = errno;
    report_({operation, answer >= 0, answer >= 0 ? "it worked" : std::strerror(error)});
  }
  void add_descriptor(const char* operation, int descriptor) {
    add(operation, descriptor);
    if (descriptor >= 0) close(descriptor);
  }

 private:
  const std::function<void(const SandboxAttempt&)>& report_;
};

int connect_to(std::uint16_t port) {
  const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return out;
  const int error = errno;
  close(out);
  errno = error;
  return -1;
}

// The child of a fork that worked ends at once.
long fork_once() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, nullptr, 0);
  return child;
}

long write_and_run() {
  constexpr std::size_t page = 4096;
  void* memory = mmap(nullptr, page, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  munmap(memory, page);
  return 0;
}

// Written memory that becomes executable by way of a file: this program's own will do.
long run_a_file() {
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  constexpr std::size_t page = 4096;
  void* memory = mmap(nullptr, page, PROT_READ | PROT_EXEC,
                      file >= 0 ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS, file, 0);
  if (file >= 0) close(file);
  if (memory == MAP_FAILED) return -1;
  munmap(memory, page);
  return 0;
}

}  // namespace

void test_sandbox(const std::string& file, std::uint16_t port,
                  const std::function<void(const SandboxAttempt&)>& report) {
  Attempts attempts(report);
  attempts.add_descriptor("open", open(file.c_str(), O_RDONLY | O_CLOEXEC));
  attempts.add_descriptor("write", open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const std::string beside = file + ".new";
  attempts.add_descriptor("create", open(beside.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  attempts.add("remove", unlink((file + ".victim").c_str()));
  attempts.add_descriptor("connect", connect_to(port));
  attempts.add_descriptor("raw socket", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  attempts.add_descriptor("packet socket", socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  attempts.add_descriptor("vsock", socket(40 /* AF_VSOCK */, SOCK_STREAM | SOCK_CLOEXEC, 0));
  constexpr int mptcp = 262;
  constexpr int udplite = 136;
  attempts.add_descriptor("MPTCP", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, mptcp));
  attempts.add_descriptor("UDP-Lite", socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, udplite));
  attempts.add_descriptor("ping", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP));
  attempts.add_descriptor("UNIX socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  attempts.add("mode", chmod(file.c_str(), 0644));
  attempts.add("code of a file", run_a_file());
  attempts.add("dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
  rlimit limit{};
  attempts.add("limits of another", prlimit(getppid(), RLIMIT_NOFILE, nullptr, &limit));
  attempts.add("fork", fork_once());
  attempts.add("ptrace", ptrace(PTRACE_SEIZE, getppid(), nullptr, nullptr));
  attempts.add("signal", kill(getppid(), 0));
  attempts.add("namespace", unshare(CLONE_NEWUTS));
  attempts.add("code", write_and_run());
  attempts.add("io_uring", syscall(425 /* io_uring_setup */, 1, nullptr));
  char name[] = "/bin/true";
  char* const words[] = {name, nullptr};
  // what a status row asks of its terminal
  attempts.add("process group", getpgrp());
  attempts.add("exec", execve(name, words, nullptr));
}

}  // namespace tunnel::os
