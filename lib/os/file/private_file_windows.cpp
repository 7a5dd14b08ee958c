// Private files by Windows.
#include <windows.h>

#include <fmt/format.h>
#include <sddl.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <thread>

#include "base/path.hpp"
#include "os/file/private_file.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& path, std::string_view what, DWORD error) {
  return {fmt::format("{} {}: {}", shown(path), what,
                      std::system_category().message(static_cast<int>(error))),
          ""};
}

// Access for the owner, the system and administrators; inherits nothing from the folder.
class OwnerOnly {
 public:
  OwnerOnly() {
    ConvertStringSecurityDescriptorToSecurityDescriptorW(
        L"D:P(A;;FA;;;OW)(A;;FA;;;SY)(A;;FA;;;BA)", SDDL_REVISION_1,
        &attributes_.lpSecurityDescriptor, nullptr);
  }
  ~OwnerOnly() { LocalFree(attributes_.lpSecurityDescriptor); }
  OwnerOnly(const OwnerOnly&) = delete;
  OwnerOnly& operator=(const OwnerOnly&) = delete;

  bool good() const { return attributes_.lpSecurityDescriptor != nullptr; }
  SECURITY_ATTRIBUTES* attributes() { return &attributes_; }

 private:
  SECURITY_ATTRIBUTES attributes_{sizeof(SECURITY_ATTRIBUTES), nullptr, FALSE};
};

// Writes everything, waits until it is on disk, and closes the file. Returns 0 or an error.
DWORD write_and_close(HANDLE file, std::string_view content) {
  DWORD error = 0;
  while (!content.empty() && error == 0) {
    DWORD n = 0;
    const auto size = static_cast<DWORD>(std::min<std::size_t>(content.size(), 1 << 20));
    if (WriteFile(file, content.data(), size, &n, nullptr) != 0)
      content.remove_prefix(n);
    else
      error = GetLastError();
  }
  if (error == 0 && FlushFileBuffers(file) == 0) error = GetLastError();
  CloseHandle(file);
  return error;
}

}  // namespace

Result<std::monostate> create_file(const fs::path& path, std::string_view content,
                                   Readable readable) {
  OwnerOnly owner;
  if (!owner.good()) return failed(path, "cannot be kept from others", GetLastError());
  const HANDLE file = CreateFileW(path.c_str(), GENERIC_WRITE, 0,
                                  readable == Readable::by_owner ? owner.attributes() : nullptr,
                                  CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_EXISTS)
    return Error{fmt::format("{} is there already", shown(path)), ""};
  if (file == INVALID_HANDLE_VALUE) return failed(path, "cannot be created", GetLastError());
  if (const DWORD error = write_and_close(file, content); error != 0) {
    DeleteFileW(path.c_str());
    return failed(path, "cannot be written", error);
  }
  return std::monostate{};
}

Result<std::monostate> replace_file(const fs::path& path, std::string_view content) {
  fs::path temporary = path;
  temporary += fmt::format(".{}-{}", GetCurrentProcessId(), GetCurrentThreadId());
  DeleteFileW(temporary.c_str());  // left by an earlier process that was killed
  if (auto written = create_file(temporary, content, Readable::by_owner); !written) return written;
  if (MoveFileExW(temporary.c_str(), path.c_str(),
                  MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) == 0) {
    const DWORD error = GetLastError();
    DeleteFileW(temporary.c_str());
    return failed(path, "cannot be replaced", error);
  }
  return std::monostate{};
}

Result<std::monostate> make_folder(const fs::path& path) {
  // its parent, the application data, is private to the user
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return failed(path, "cannot be created", static_cast<DWORD>(error.value()));
  return std::monostate{};
}

Result<std::monostate> can_create_in(const fs::path&) { return std::monostate{}; }

bool others_can_read(const fs::path&) { return false; }

Result<FileLock> FileLock::acquire(const fs::path& path, std::chrono::milliseconds patience) {
  const HANDLE file =
      CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                  nullptr, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return failed(path, "cannot be created", GetLastError());
  const auto until = std::chrono::steady_clock::now() + patience;
  OVERLAPPED from_the_start{};
  while (LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
                    &from_the_start) == 0) {
    const DWORD error = GetLastError();
    if (error == ERROR_LOCK_VIOLATION && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    CloseHandle(file);
    if (error != ERROR_LOCK_VIOLATION) return failed(path, "cannot be locked", error);
    return Error{fmt::format("{} is held by another program", shown(path)), ""};
  }
  return FileLock(reinterpret_cast<std::intptr_t>(file));
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(other.handle_) { other.handle_ = -1; }

FileLock::~FileLock() {
  if (handle_ != -1) CloseHandle(reinterpret_cast<HANDLE>(handle_));
}

}  // namespace tunnel::os
