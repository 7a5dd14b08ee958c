// Systems with SIGHUP.
#include "os/reload_event.hpp"

namespace tunnel::os {

Result<std::unique_ptr<ReloadEvent>> ReloadEvent::listen(std::function<void()>) {
  return std::unique_ptr<ReloadEvent>();
}

}  // namespace tunnel::os
