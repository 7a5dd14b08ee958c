// Asks a running program to reload its configuration, on systems without SIGHUP.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::os {

// For a sentence that begins with "reload": "with SIGHUP".
std::string_view how_to_reload();

// A named event on Windows; nothing elsewhere.
class ReloadEvent {
 public:
  // Calls `on_reload` on a thread of its own until the object is destroyed. Null on systems with
  // SIGHUP.
  static Result<std::unique_ptr<ReloadEvent>> listen(std::function<void()> on_reload);

  virtual ~ReloadEvent() = default;
  ReloadEvent(const ReloadEvent&) = delete;
  ReloadEvent& operator=(const ReloadEvent&) = delete;

  // The name of the event, which only this process's user may set.
  virtual std::string name() const = 0;

 protected:
  ReloadEvent() = default;
};

}  // namespace tunnel::os
