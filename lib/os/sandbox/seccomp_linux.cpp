// Restricts system calls to those of a network program by a seccomp filter, see seccomp(2).
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <vector>

#include "os/sandbox/bpf_linux.hpp"
#include "os/sandbox/sandbox.hpp"

namespace tunnel::os {

namespace {

using namespace bpf;

#if defined(__x86_64__) && !defined(__ILP32__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "for this processor, CMake takes seccomp_none.cpp"
#endif

// System calls that a kernel header may lack are left out; #ifdef guards those that only older
// architectures have.
constexpr int allowed[] = {
    // descriptors
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_close,
    SYS_dup,
    SYS_dup3,
    SYS_fcntl,
    SYS_lseek,
    SYS_pipe2,
    SYS_ppoll,
    SYS_pselect6,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_eventfd2,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    // sockets; socket() itself is checked below
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_connect,
    SYS_getsockname,
    SYS_getpeername,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_setsockopt,
    SYS_getsockopt,
    SYS_shutdown,
    SYS_socketpair,
    // files
    SYS_openat,
    SYS_newfstatat,
    SYS_fstat,
    SYS_statx,
    SYS_statfs,
    SYS_fstatfs,
    SYS_faccessat,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_renameat,
    SYS_ftruncate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_flock,
    SYS_umask,
    // memory; mmap() and mprotect() are checked below
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_membarrier,
    SYS_mlock,
    SYS_munlock,
    // threads; clone() is checked below
    SYS_futex,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_set_tid_address,
    SYS_exit,
    SYS_exit_group,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_gettid,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend,
    SYS_sigaltstack,
    SYS_tgkill,
    SYS_kill,
    SYS_restart_syscall,
    SYS_wait4,
    SYS_waitid,
    // time
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_setitimer,
    SYS_getitimer,
    // the process itself
    SYS_getpid,
    SYS_getppid,
    SYS_getpgid,
    SYS_getsid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getgroups,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getrusage,
    SYS_getrlimit,
    SYS_sysinfo,
    SYS_uname,
    SYS_getrandom,
    SYS_getcpu,
    SYS_times,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_renameat2
    SYS_renameat2,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
#ifdef SYS_epoll_pwait2
    SYS_epoll_pwait2,
#endif
#ifdef SYS_close_range
    SYS_close_range,
#endif
#ifdef SYS_futex_waitv
    SYS_futex_waitv,
#endif
#ifdef SYS_open  // the older calls, of x86-64
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_mkdir,
    SYS_unlink,
    SYS_rename,
    SYS_poll,
    SYS_select,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_eventfd,
    SYS_pipe,
    SYS_dup2,
    SYS_time,
    SYS_getpgrp,
    SYS_arch_prctl,
    SYS_alarm,
    SYS_pause,
#endif
};

// Refused with EPERM. Every call that is in neither list is refused with ENOSYS, for which
// libraries have a fallback.
constexpr int forbidden[] = {
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setuid,
    SYS_setgid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setgroups,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_init_module,
    SYS_finit_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_personality,
    SYS_userfaultfd,
    SYS_mknodat,
    SYS_symlinkat,
    SYS_linkat,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchown,
    SYS_fchownat,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
#endif
};

// Sockets of one domain, type and protocol: TCP, but neither MPTCP nor SCTP, which Landlock's ports
// don't cover; UDP, but neither UDP-Lite nor ping; netlink for route changes.
Program decide_socket(const Needs& needs) {
  constexpr std::uint32_t type_mask = 0xf;
  const Program load_type{statement(load_word, offset_of_argument(1)),
                          statement(BPF_ALU | BPF_AND | BPF_K, type_mask)};
  const sock_filter load_protocol = statement(load_word, offset_of_argument(2));
  // those of one type, which has been loaded
  const auto of_type = [&](std::uint32_t type, std::uint32_t protocol) {
    Program out{load_protocol};
    allow(out, 0);
    allow(out, protocol);
    out.push_back(give(refusal(EPROTONOSUPPORT)));
    out.insert(out.begin(), jump(if_equal, type, 0, static_cast<std::uint8_t>(out.size())));
    return out;
  };
  Program internet = load_type;
  append(internet, of_type(SOCK_STREAM, IPPROTO_TCP));
  append(internet, of_type(SOCK_DGRAM, IPPROTO_UDP));
  internet.push_back(give(refusal(EPERM)));
  Program routes{load_protocol};
  allow(routes, 0 /* NETLINK_ROUTE */);
  routes.push_back(give(refusal(EPERM)));

  Program local = load_type;
  allow(local, SOCK_DGRAM);
  local.push_back(give(refusal(EAFNOSUPPORT)));

  Program out{statement(load_word, offset_of_argument(0))};
  const auto skip = [](const Program& what) { return static_cast<std::uint8_t>(what.size()); };
  if (needs.unix_sockets) {
    allow(out, AF_UNIX);
  } else if (needs.unix_datagrams) {
    out.push_back(jump(if_equal, AF_UNIX, 0, skip(local)));
    append(out, local);
  }
  out.push_back(jump(if_equal, AF_NETLINK, 0, skip(routes)));
  append(out, routes);
  out.push_back(jump(if_equal, AF_INET, 1, 0));
  out.push_back(jump(if_equal, AF_INET6, 0, skip(internet)));
  append(out, internet);
  out.push_back(give(refusal(EAFNOSUPPORT)));
  return out;
}

// No memory becomes executable, be it of a file: what the program runs is there already.
Program decide_exec_memory() {
  return {
      statement(load_word, offset_of_argument(2)),
      jump(if_any_bit, PROT_EXEC, 0, 1),
      give(refusal(EPERM)),
      give(SECCOMP_RET_ALLOW),
  };
}

// Names of threads and of memory, but nothing that lets others look into this process.
Program decide_prctl() {
  constexpr std::uint32_t set_vma = 0x53564d41;
  Program out{statement(load_word, offset_of_argument(0))};
  for (const std::uint32_t option : {std::uint32_t{PR_SET_NAME}, std::uint32_t{PR_GET_NAME},
                                     std::uint32_t{PR_GET_DUMPABLE}, set_vma})
    allow(out, option);
  out.push_back(give(refusal(EPERM)));
  return out;
}

// The limits of this process alone.
Program decide_prlimit() {
  Program out{statement(load_word, offset_of_argument(0))};
  allow(out, 0);
  out.push_back(give(refusal(EPERM)));
  return out;
}

// Threads, but no processes.
Program decide_clone() {
  constexpr std::uint32_t clone_thread = 0x00010000;
  return {
      statement(load_word, offset_of_argument(0)),
      jump(if_any_bit, clone_thread, 0, 1),
      give(SECCOMP_RET_ALLOW),
      give(refusal(EPERM)),
  };
}

// No TIOCSTI: nothing is typed into the terminal.
Program decide_ioctl() {
  constexpr std::uint32_t tiocsti = 0x5412;
  constexpr std::uint32_t tioclinux = 0x541c;
  return {
      statement(load_word, offset_of_argument(1)),
      jump(if_equal, tiocsti, 2, 0),
      jump(if_equal, tioclinux, 1, 0),
      give(SECCOMP_RET_ALLOW),
      give(refusal(EPERM)),
  };
}

Program make_program(const Needs& needs) {
  Program program{
      statement(load_word, offsetof(seccomp_data, arch)),
      jump(if_equal, architecture, 1, 0),
      give(refusal(ENOSYS)),
      statement(load_word, offsetof(seccomp_data, nr)),
  };
#ifdef __x86_64__
  constexpr std::uint32_t x32 = 0x40000000;
  append(program, {jump(if_at_least, x32, 0, 1), give(refusal(ENOSYS))});
#endif
  on(program, SYS_socket, decide_socket(needs));
  on(program, SYS_mmap, decide_exec_memory());
  on(program, SYS_mprotect, decide_exec_memory());
  on(program, SYS_prctl, decide_prctl());
  on(program, SYS_prlimit64, decide_prlimit());
  on(program, SYS_clone, decide_clone());
  on(program, SYS_ioctl, decide_ioctl());
  for (const int call : allowed)
    append(program,
           {jump(if_equal, static_cast<std::uint32_t>(call), 0, 1), give(SECCOMP_RET_ALLOW)});
  for (const int call : forbidden)
    append(program, {jump(if_equal, static_cast<std::uint32_t>(call), 0, 1), give(refusal(EPERM))});
  // clone3() too: a filter can't read its flags in memory, and libraries fall back to clone()
  program.push_back(give(refusal(ENOSYS)));
  return program;
}

}  // namespace

Layer restrict_system_calls(const Needs& needs) {
  Program program = make_program(needs);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  // all threads; there should be one
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0)
    return {false, std::string("system calls are not restricted: ") +
                       (errno == ENOSYS || errno == EINVAL ? "this kernel has no seccomp filters"
                                                           : std::strerror(errno))};
  return {true,
          fmt::format("system calls by seccomp: {} of a network program, without starting "
                      "programs or processes, debugging, new code, or other sockets than TCP{}",
                      std::size(allowed) + 7,
                      needs.unix_sockets     ? ", UDP and UNIX"
                      : needs.unix_datagrams ? ", UDP and UNIX datagrams"
                                             : " and UDP")};
}

}  // namespace tunnel::os
