// CreateProcess; the console sends Ctrl+C to all of its processes.
#include <fmt/format.h>
#include <windows.h>

#include <array>

#include "os/process/child.hpp"
#include "os/process/utf16_windows.hpp"

namespace tunnel::os {

namespace {

// While the command runs, Ctrl+C is for it; this process exits after it.
BOOL WINAPI ignore_ctrl_c(DWORD event) {
  return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT ? TRUE : FALSE;
}

// Lets the child inherit the three standard handles only.
class StandardHandles {
 public:
  StandardHandles() {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    info_.StartupInfo.cb = sizeof info_;
    info_.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    info_.StartupInfo.hStdInput = add(STD_INPUT_HANDLE);
    info_.StartupInfo.hStdOutput = add(STD_OUTPUT_HANDLE);
    info_.StartupInfo.hStdError = add(STD_ERROR_HANDLE);
    info_.lpAttributeList = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
    InitializeProcThreadAttributeList(info_.lpAttributeList, 1, 0, &size);
    if (count_ > 0)
      UpdateProcThreadAttribute(info_.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                handles_.data(), count_ * sizeof(HANDLE), nullptr, nullptr);
  }
  ~StandardHandles() { DeleteProcThreadAttributeList(info_.lpAttributeList); }
  StandardHandles(const StandardHandles&) = delete;
  StandardHandles& operator=(const StandardHandles&) = delete;

  STARTUPINFOW* info() { return &info_.StartupInfo; }

 private:
  HANDLE add(DWORD which) {
    const HANDLE handle = GetStdHandle(which);
    if (handle == nullptr || handle == INVALID_HANDLE_VALUE) return nullptr;
    if (SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) == 0) return handle;
    // CreateProcess refuses a list with duplicates
    for (std::size_t i = 0; i < count_; ++i)
      if (handles_[i] == handle) return handle;
    handles_[count_++] = handle;
    return handle;
  }

  STARTUPINFOEXW info_{};
  std::array<HANDLE, 3> handles_{};
  std::size_t count_ = 0;
  std::vector<char> memory_;
};

}  // namespace

struct Child::Process {
  HANDLE handle;
  ~Process() { CloseHandle(handle); }
};

std::variant<Child, Child::Failure> Child::start(const std::vector<std::string>& words) {
  std::wstring command = wide(command_line(words));
  StandardHandles handles;
  PROCESS_INFORMATION process{};
  if (CreateProcessW(nullptr, command.data(), nullptr, nullptr, TRUE, EXTENDED_STARTUPINFO_PRESENT,
                     nullptr, nullptr, handles.info(), &process) == 0) {
    const DWORD error = GetLastError();
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
      return Failure{{fmt::format("there is no command \"{}\"", words.front()),
                      "is it installed, and its folder in PATH?"},
                     127};
    return Failure{
        {fmt::format("the command \"{}\" cannot be run: Windows says {}", words.front(), error),
         ""},
        126};
  }
  SetConsoleCtrlHandler(ignore_ctrl_c, TRUE);
  CloseHandle(process.hThread);
  return Child(std::unique_ptr<Process>(new Process{process.hProcess}));
}

int Child::wait() {
  WaitForSingleObject(process_->handle, INFINITE);
  DWORD status = 1;
  GetExitCodeProcess(process_->handle, &status);
  return static_cast<int>(status);
}

bool Child::wait_for_stop_signal() {
  // the command is gone: Ctrl+C ends this process
  SetConsoleCtrlHandler(ignore_ctrl_c, FALSE);
  return false;
}

Child::Child(std::unique_ptr<Process> process) : process_(std::move(process)) {}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&&) noexcept = default;
Child::~Child() = default;

}  // namespace tunnel::os
