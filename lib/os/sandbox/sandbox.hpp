// What a process gives up for good once it has what it needs, so that whoever takes it over gains
// little: core dumps, new privileges, files, system calls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

// What the process may do afterwards; all else is refused.
struct Needs {
  std::vector<std::filesystem::path> read;     // files, and folders with all below
  std::vector<std::filesystem::path> write;    // folders: files in them are made, written, replaced
  std::vector<std::filesystem::path> append;   // folders: files in them are made and added to
  std::vector<std::filesystem::path> sockets;  // folders in which UNIX sockets are made
  // TCP ports alone, where not empty; names are resolved all the same.
  std::vector<std::uint16_t> bind;
  std::vector<std::uint16_t> connect;
  bool ports_are_fixed = false;
  bool signals_others = false;  // processes that it has started before
};

// One layer of it, in words: what holds from now on, or why it does not.
struct Layer {
  bool holds = false;
  std::string words;
  std::string name = {};  // in short, of one that holds
};

// Neither a core file nor another process of this user gets at the memory. Before a secret is read.
Layer forbid_core_dumps();

// For this thread and those that it starts: to be called while there is no other one, and after all
// else that takes rights (a user that one becomes, a port that is bound). It cannot be taken back.
struct Confined {
  bool files = false;  // this layer holds
  std::vector<Layer> layers;
};
Confined confine(const Needs& needs);

// The rights of this process would do, but the confinement forbids to read it.
bool hidden_by_confinement(const std::filesystem::path& path);

// --- the layers by themselves

Layer confine_files(const Needs& needs);
Layer confine_system_calls();

}  // namespace tunnel::os
