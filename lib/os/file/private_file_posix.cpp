// Private files by POSIX.
#include "os/file/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <thread>

#include "base/path.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, std::string_view what, int error) {
  return {fmt::format("{} {}: {}", shown(path), what, std::generic_category().message(error)), ""};
}

// Writes everything, waits until it is on disk, and closes the descriptor in any case. Returns 0 or
// an errno.
int write_and_close(int file, std::string_view content) {
  int error = 0;
  while (!content.empty() && error == 0) {
    const ssize_t n = write(file, content.data(), content.size());
    if (n >= 0)
      content.remove_prefix(static_cast<std::size_t>(n));
    else if (errno != EINTR)
      error = errno;
  }
  if (error == 0 && fsync(file) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  return error;
}

// Makes the name survive a crash, too. Some file systems don't support it.
void sync_folder_of(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

Result<std::monostate> create_file(const fs::path& path, std::string_view content,
                                   Readable readable) {
  const mode_t mode = readable == Readable::by_all ? 0644 : 0600;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file < 0 && errno == EEXIST)
    return Error{fmt::format("{} is there already", shown(path)), ""};
  if (file < 0) return failed(path, "cannot be created", errno);
  if (const int error = write_and_close(file, content); error != 0) {
    unlink(path.c_str());
    return failed(path, "cannot be written", error);
  }
  sync_folder_of(path);
  return std::monostate{};
}

Result<std::monostate> replace_file(const fs::path& path, std::string_view content) {
  std::string temporary = path.string() + ".XXXXXX";
  const int file = mkstemp(temporary.data());  // mode 0600
  if (file < 0) return failed(path, "cannot be replaced", errno);
  fcntl(file, F_SETFD, FD_CLOEXEC);
  int error = write_and_close(file, content);
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return failed(path, "cannot be replaced", error);
  }
  sync_folder_of(path);
  return std::monostate{};
}

Result<std::monostate> make_folder(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return std::monostate{};
  if (path.has_parent_path() && path.parent_path() != path)
    if (auto above = make_folder(path.parent_path()); !above) return above;
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return std::monostate{};
  return failed(path, "cannot be created", errno);
}

Result<std::monostate> can_create_in(const fs::path& folder) {
  fs::path there = folder;
  std::error_code ignored;
  while (!fs::exists(there, ignored) && there.has_parent_path() && there.parent_path() != there)
    there = there.parent_path();
  if (!fs::is_directory(there, ignored)) return failed(there, "cannot be written", ENOTDIR);
  if (access(there.c_str(), W_OK | X_OK) != 0) return failed(there, "cannot be written", errno);
  return std::monostate{};
}

bool others_can_read(const fs::path& path) {
  struct stat status {};
  // the mode of a pipe, such as a shell's <(...), means nothing
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & S_IROTH) != 0;
}

Result<FileLock> FileLock::acquire(const fs::path& path, std::chrono::milliseconds patience) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed(path, "cannot be created", errno);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error == EWOULDBLOCK && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    if (error == EINTR) continue;
    close(file);
    if (error != EWOULDBLOCK) return failed(path, "cannot be locked", error);
    return Error{fmt::format("{} is held by another program", shown(path)), ""};
  }
  return FileLock(file);
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(other.handle_) { other.handle_ = -1; }

FileLock::~FileLock() {
  if (handle_ >= 0) close(static_cast<int>(handle_));
}

}  // namespace tunnel::os
