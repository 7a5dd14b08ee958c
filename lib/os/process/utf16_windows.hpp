// Strings as Windows wants them.
#pragma once

#include <string>
#include <vector>

namespace tunnel::os {

// UTF-8 to UTF-16 and back.
std::wstring wide(const std::string& text);
std::string narrow(const wchar_t* text);

// One line of which CommandLineToArgvW makes these words again.
std::string command_line(const std::vector<std::string>& words);

}  // namespace tunnel::os
