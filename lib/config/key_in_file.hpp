// Finding out whether a certificate's file holds its private key too.
#pragma once

#include <filesystem>

#include "os/file/file_view.hpp"

namespace tunnel::config {

// Whether the file has a private key in PEM. The bytes that were read are wiped.
bool holds_private_key(const std::filesystem::path& path, const os::FileView& files);

}  // namespace tunnel::config
