// For systems with SIGHUP.
#include "os/service/reload_event.hpp"

namespace tunnel::os {

std::string_view how_to_reload() { return "with SIGHUP"; }

Result<std::unique_ptr<ReloadEvent>> ReloadEvent::listen(std::function<void()>) {
  return std::unique_ptr<ReloadEvent>();
}

}  // namespace tunnel::os
