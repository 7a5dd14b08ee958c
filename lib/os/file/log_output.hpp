// Standard error and files as log sinks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "log/log_sink.hpp"

namespace tunnel::os {

// If standard error is the stream of systemd's journal, the journal gets each event with its
// fields, or, where its socket can't be reached, lines that begin with the priority.
std::unique_ptr<LogSink> standard_error();

// Appends to the file, which only its owner may write. If it is moved away, the next line starts a
// new file; Windows doesn't allow moving an open file. With `links` = refused, the path is no link,
// and the file has no other name: root must not write where another user makes it.
enum class Links : std::uint8_t { followed, refused };
Result<std::unique_ptr<LogSink>> log_file(const std::filesystem::path& path,
                                          Links links = Links::followed);

}  // namespace tunnel::os
