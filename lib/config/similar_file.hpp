// The file that was meant where one isn't there.
#pragma once

#include <filesystem>
#include <string>

namespace tunnel::config {

// The name of a file in the folder of `missing` that is probably meant: with .txt behind it, in
// other case, with another usual ending, or with a letter wrong. Empty if there is none.
std::string similar_file(const std::filesystem::path& missing);

// "there is no file a.pem", and that `similar` is there, unless it is empty.
std::string but_there_is(const std::string& what, const std::string& similar);

}  // namespace tunnel::config
