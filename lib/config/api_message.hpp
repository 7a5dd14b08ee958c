// Why no relay was made, in the words of the API or of the program that was to make it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace tunnel::config {

// The message, error, detail or title (RFC 9457) in an API's answer, with its code; nothing if the
// answer has none.
std::optional<std::string> api_message(const nlohmann::json& answer);

// The text of another program in one line, cut where it is long.
std::string excerpt(std::string_view text);

}  // namespace tunnel::config
