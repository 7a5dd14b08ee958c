// Systems without a sandbox that this program knows.
#include "os/sandbox/sandbox.hpp"

namespace tunnel::os {

Layer forbid_core_dumps() { return {false, "core dumps: as the system has it"}; }

Confined confine(const Needs&) { return {false, {{false, "it is for Linux only"}}}; }

bool hidden_by_confinement(const std::filesystem::path&) { return false; }

Layer confine_files(const Needs&) { return {}; }
Layer confine_system_calls() { return {}; }

}  // namespace tunnel::os
