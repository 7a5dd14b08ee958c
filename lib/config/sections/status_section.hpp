// The [status] table: where the status is served, on this machine only.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "config/reader.hpp"

namespace tunnel::config {

// "127.0.0.1:9090", "[::1]:9090", "localhost:9090" or "unix:path", which is relative to `folder`.
// The hint of an error is a valid string.
Result<SocketAddress> status_address(std::string_view text, const std::filesystem::path& folder);

std::optional<SocketAddress> read_status(TableReader& reader, const std::filesystem::path& folder);

}  // namespace tunnel::config
