// The state folder in %LOCALAPPDATA%.
#include "os/file/state_folder.hpp"

#include <cstdlib>

namespace tunnel::os {

Result<std::filesystem::path> state_folder() {
  if (const wchar_t* set = _wgetenv(L"LOCALAPPDATA"); set != nullptr && *set != L'\0')
    return std::filesystem::path(set) / "tunnel";
  return Error{"there is no folder to remember anything in", "set LOCALAPPDATA"};
}

}  // namespace tunnel::os
