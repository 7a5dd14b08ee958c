// Windows has neither a descriptor limit to lift nor a signal for broken pipes.
#include <windows.h>

#include <cstdlib>

#include "os/process.hpp"
#include "os/words_windows.hpp"

namespace tunnel::os {

const int reload_signal = 0;
const int status_signal = 0;
const char* const service_manager_name = "windows";

std::filesystem::path program_path() {
  std::wstring path(32768, L'\0');  // the longest that there is
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return path;
}

std::optional<std::string> environment_variable(const std::string& name) {
  const wchar_t* value = _wgetenv(wide(name).c_str());
  return value != nullptr ? std::optional<std::string>(narrow(value)) : std::nullopt;
}

void prepare_process() {}

}  // namespace tunnel::os
