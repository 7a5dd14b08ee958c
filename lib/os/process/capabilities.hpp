// The capabilities of a process that runs as root, see capabilities(7).
#pragma once

namespace tunnel::os {

// Whether this process has root's powers beyond those of an ordinary user.
bool runs_as_root();

// Gives up all capabilities, for good, except that of binding ports below 1024. Call it before
// there are other threads. False where the system refuses, or has none.
bool keep_low_ports_only();

}  // namespace tunnel::os
