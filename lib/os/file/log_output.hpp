// Standard error and files as sinks of the log.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "log/log_sink.hpp"

namespace tunnel::os {

// Where it is the stream of systemd's journal, lines begin with the priority that the journal
// reads.
std::unique_ptr<LogSink> standard_error();

// Appends to the file, which its owner alone may write. Whoever moves it away gets a new one under
// the name at the next line; Windows lets nobody move an open file.
Result<std::unique_ptr<LogSink>> log_file(const std::filesystem::path& path);

}  // namespace tunnel::os
