// Strings for the Windows API.
#pragma once

#include <string>
#include <vector>

namespace tunnel::os {

// UTF-8 to UTF-16 and back.
std::wstring wide(const std::string& text);
std::string narrow(const wchar_t* text);

// Joins the words into a line that CommandLineToArgvW splits into the same words.
std::string command_line(const std::vector<std::string>& words);

}  // namespace tunnel::os
