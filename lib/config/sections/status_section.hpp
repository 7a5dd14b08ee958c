// The [status] table: where the status is served, and to whom.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "config/reader.hpp"

namespace tunnel::config {

// "127.0.0.1:9090", "[::1]:9090", "localhost:9090", another address with its port, or "unix:path",
// which is relative to `folder`. The hint of an error is a valid string.
Result<SocketAddress> status_address(std::string_view text, const std::filesystem::path& folder);

std::optional<Status> read_status(TableReader& reader, const std::filesystem::path& folder);

}  // namespace tunnel::config
