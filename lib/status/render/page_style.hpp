// The page's style and script, which carry its nonce.
#pragma once

#include <string_view>

namespace tunnel::status {

extern const std::string_view page_style;
// Fetches the live part every two seconds and puts it in place of the one that is shown.
extern const std::string_view page_script;

}  // namespace tunnel::status
