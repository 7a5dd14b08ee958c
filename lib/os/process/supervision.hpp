// A process that keeps the rights it was started with, and a worker process that it starts by fork
// and watches.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "os/process/control_socket.hpp"

namespace tunnel::os {

// Linux only: elsewhere the program is one process.
bool supports_supervision();

// --- in the process that watches

// Blocks the signals that wait_for_event() returns. Call it before the first fork.
void hold_signals();

// Forks. Returns 0 in the worker, and the worker's process id in the caller. Call it while there is
// no other thread.
Result<int> fork_worker();

struct SupervisionEvent {
  enum class Kind : std::uint8_t {
    stop,
    reload,
    log_status,
    upgrade,
    message,
    successor,
    ended,
    timeout
  };

  Kind kind;
  std::string_view signal = {};  // of `stop`: "SIGTERM" or "SIGINT"
};
// Waits for a signal, for a packet or the end of either socket (null: nobody's), for the end of a
// process that was started, or for the timeout (nothing: none).
SupervisionEvent wait_for_event(const ControlSocket* worker, const ControlSocket* successor,
                                std::optional<std::chrono::milliseconds> timeout);

// Starts a program with the command line of this process. It gets the socket's descriptor, whose
// number `variable` has, and more variables ("NAME=value").
Result<int> start_again(const std::filesystem::path& program, const ControlSocket& socket,
                        const char* variable, const std::vector<std::string>& environment);

// How a process has ended.
struct Ended {
  int process = 0;
  int exit_status = 0;  // unless a signal ended it
  int signal = 0;
  std::string_view signal_name = {};  // "SIGSEGV"
};
// The next of those that have ended; nothing if there is none yet.
std::optional<Ended> ended_process();

// Ends it at once (SIGKILL).
void kill_process(int process);

// Has ps(1) and systemctl(1) show that title where the command line is; it is cut off to the length
// of the command line.
void set_title(std::string_view title);

// --- in the worker

// By which others know it.
inline constexpr const char* worker_title = "tunnel: worker";

// Leaves signals to the supervisor, and sets the title.
void become_worker(std::string_view title);

}  // namespace tunnel::os
