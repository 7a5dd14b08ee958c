// The privileges that the process drops for good after startup, so that an attacker who takes it
// over gains little: core dumps, new privileges, files, system calls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

// What the process may still do in the sandbox.
struct Needs {
  std::vector<std::filesystem::path> read;     // files, and folders recursively
  std::vector<std::filesystem::path> write;    // folders: files in them are created and replaced
  std::vector<std::filesystem::path> append;   // folders: files in them are created and appended to
  std::vector<std::filesystem::path> sockets;  // folders in which UNIX sockets are created
  // The only TCP ports, if `ports_are_fixed`; name resolution still works.
  std::vector<std::uint16_t> bind;
  std::vector<std::uint16_t> connect;
  bool ports_are_fixed = false;
  bool unix_sockets = false;    // creates, or connects to, UNIX sockets
  bool unix_datagrams = false;  // sends datagrams to UNIX sockets
  bool signals_others = false;  // may signal processes that it started before
};

// One layer of the sandbox.
struct Layer {
  bool holds = false;
  std::string words;  // for the log: what it restricts, or why it is missing
};

// Keeps the memory out of core files and from other processes of this user. Call it before reading
// a secret.
Layer forbid_core_dumps();

struct SandboxLayers {
  bool files = false;  // whether that layer holds
  std::vector<Layer> layers;
};
// Restricts this thread and the threads that it starts, for good. Call it while there is no other
// thread, and after everything that needs privileges (switching users, binding ports).
SandboxLayers enter_sandbox(const Needs& needs);

// Whether the user may read the file, but the sandbox forbids it.
bool hidden_by_sandbox(const std::filesystem::path& path);

// --- single layers

Layer restrict_files(const Needs& needs);
Layer restrict_system_calls(const Needs& needs);

}  // namespace tunnel::os
