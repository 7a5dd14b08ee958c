// Log sinks by POSIX.
#include "os/file/log_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/path.hpp"
#include "os/net/syslog_output.hpp"

namespace tunnel::os {

namespace {

std::string words_of(int error) { return std::generic_category().message(error); }

LogSink::Written write_to(int file, std::string_view lines) {
  LogSink::Written out;
  while (out.bytes < lines.size()) {
    const ssize_t n = ::write(file, lines.data() + out.bytes, lines.size() - out.bytes);
    if (n >= 0) {
      out.bytes += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // another program has set O_NONBLOCK on the shared terminal or pipe
      pollfd ready{file, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      out.why = words_of(errno);
      break;
    }
  }
  return out;
}

class StandardError : public LogSink {
 public:
  explicit StandardError(bool journal) : journal_(journal) {}
  Written write(std::string_view lines) override { return write_to(STDERR_FILENO, lines); }
  bool wants_priority() const override { return journal_; }

 private:
  const bool journal_;
};

class File : public LogSink {
 public:
  explicit File(std::filesystem::path path) : path_(std::move(path)) {}
  ~File() override {
    if (file_ >= 0) ::close(file_);
  }

  // 0 or an errno.
  int open(Links links = Links::followed) {
    // O_NONBLOCK: opening a pipe that nobody reads fails rather than waits
    const int file = ::open(path_.c_str(),
                            O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
                                (links == Links::refused ? O_NOFOLLOW : 0),
                            0640);
    if (file < 0) return errno;
    struct stat opened {};
    if (links == Links::refused && ::fstat(file, &opened) == 0 && S_ISREG(opened.st_mode) &&
        opened.st_nlink != 1) {
      ::close(file);
      return EMLINK;
    }
    ::fcntl(file, F_SETFL, O_APPEND);
    if (file_ >= 0) ::close(file_);
    file_ = file;
    return 0;
  }

  Written write(std::string_view lines) override { return write_to(file_, lines); }

  Result<std::monostate> refresh(bool anew) override {
    if (!anew && is_in_place()) return std::monostate{};
    if (const int error = open(); error != 0)
      return Error{
          fmt::format("the log file {} cannot be begun again: {}", shown(path_), words_of(error)),
          "until it can, lines go to the one that was moved away"};
    return std::monostate{};
  }

 private:
  bool is_in_place() const {
    struct stat named {};
    struct stat opened {};
    return ::stat(path_.c_str(), &named) == 0 && ::fstat(file_, &opened) == 0 &&
           named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
  }

  const std::filesystem::path path_;
  int file_ = -1;
};

// JOURNAL_STREAM is "device:inode" of the journal's stream. A child process inherits the variable
// even if its standard error is something else.
bool is_journal(int file) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat opened {};
  return stream != nullptr && ::fstat(file, &opened) == 0 &&
         fmt::format("{}:{}", opened.st_dev, opened.st_ino) == stream;
}

}  // namespace

std::unique_ptr<LogSink> standard_error() {
  if (!is_journal(STDERR_FILENO)) return std::make_unique<StandardError>(false);
  auto sink = journal();
  return sink ? std::move(sink) : std::make_unique<StandardError>(true);
}

Result<std::unique_ptr<LogSink>> log_file(const std::filesystem::path& path, Links links) {
  auto file = std::make_unique<File>(path);
  const int error = file->open(links);
  if (links == Links::refused && (error == ELOOP || error == EMLINK))
    return Error{
        fmt::format(
            "the log file {} is a link, and root doesn't follow links before it switches users",
            shown(path)),
        "name the file itself"};
  if (error != 0)
    return Error{fmt::format("cannot open the log file {}: {}", shown(path), words_of(error)),
                 "create its folder, or choose another path"};
  return std::unique_ptr<LogSink>(std::move(file));
}

}  // namespace tunnel::os
