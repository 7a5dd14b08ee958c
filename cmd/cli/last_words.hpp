// Uncaught exceptions.
#pragma once

#include <functional>

namespace tunnel::cmd {

// Runs it and returns its exit status; on an exception prints what happened, and what to do.
int with_last_words(const std::function<int()>& run);

}  // namespace tunnel::cmd
