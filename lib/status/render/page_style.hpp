// The page's style and script, which carry its nonce.
#pragma once

#include <string_view>

namespace tunnel::status {

extern const std::string_view page_style;
// Fetches the page every two seconds and shows what has changed.
extern const std::string_view page_script;

}  // namespace tunnel::status
