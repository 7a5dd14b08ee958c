// A server's own certificate as its clients will see it: what will make them refuse it.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "base/error.hpp"
#include "os/file/file_view.hpp"

namespace tunnel::x509 {

// In order of weight; none of it keeps the server from starting. Empty where the files cannot be
// read, which is a mistake reported elsewhere.
std::vector<Error> doubts_about_own(const std::filesystem::path& certificate,
                                    const std::filesystem::path& key, std::chrono::sys_seconds now,
                                    const os::FileView& files = {});

}  // namespace tunnel::x509
