// The folder for state that programs of this user keep.
#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace tunnel::os {

// $XDG_STATE_HOME/tunnel or ~/.local/state/tunnel on Linux, ~/Library/Application Support/tunnel on
// macOS, tunnel in the local application data on Windows. It may not exist yet.
Result<std::filesystem::path> state_folder();

}  // namespace tunnel::os
