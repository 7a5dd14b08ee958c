// Windows has neither a descriptor limit nor SIGPIPE.
#include <windows.h>

#include <shellapi.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "os/process/process.hpp"
#include "os/process/utf16_windows.hpp"

namespace tunnel::os {

const int reload_signal = 0;
const int status_signal = 0;
const char* const service_manager_name = "windows";

std::filesystem::path program_path() {
  std::wstring path(32768, L'\0');  // the maximum
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return path;
}

// main()'s arguments are in the system's code page, which lacks most characters.
std::vector<std::string> command_line_words(int, char**) {
  int count = 0;
  const std::unique_ptr<wchar_t*, decltype(&LocalFree)> words(
      CommandLineToArgvW(GetCommandLineW(), &count), LocalFree);
  if (!words) throw std::bad_alloc();
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(narrow(words.get()[i]));
  return out;
}

std::optional<std::string> environment_variable(const std::string& name) {
  const wchar_t* value = _wgetenv(wide(name).c_str());
  return value != nullptr ? std::optional<std::string>(narrow(value)) : std::nullopt;
}

std::optional<std::size_t> descriptor_limit() { return std::nullopt; }

std::size_t open_descriptors() { return 0; }

void prepare_process() {}

}  // namespace tunnel::os
