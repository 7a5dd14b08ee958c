// The [log] table: how much is logged, in which form, and where to.
#pragma once

#include <filesystem>

#include "config/reader.hpp"

namespace tunnel::config {

LogConfig read_log(TableReader& reader, const std::filesystem::path& folder);

}  // namespace tunnel::config
