// For systems without a supported sandbox.
#include "os/sandbox/sandbox.hpp"

namespace tunnel::os {

Layer forbid_core_dumps() { return {false, "core dumps: as the system has it"}; }

SandboxLayers enter_sandbox(const Needs&) { return {false, {{false, "it is for Linux only"}}}; }

bool hidden_by_sandbox(const std::filesystem::path&) { return false; }

Layer restrict_files(const Needs&) { return {}; }
Layer restrict_system_calls(const Needs&) { return {}; }

}  // namespace tunnel::os
