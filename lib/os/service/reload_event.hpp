// What asks a running program to read its configuration again, where there is no signal for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::os {

// For a sentence that begins with "reload": "with SIGHUP".
std::string_view how_to_reload();

// On Windows a named event; elsewhere nothing.
class ReloadEvent {
 public:
  // `asked` is called on a thread of this object's own, and not after its end. Null where SIGHUP
  // does it.
  static Result<std::unique_ptr<ReloadEvent>> listen(std::function<void()> asked);

  virtual ~ReloadEvent() = default;
  ReloadEvent(const ReloadEvent&) = delete;
  ReloadEvent& operator=(const ReloadEvent&) = delete;

  // Whoever may do as this process's user sets it.
  virtual std::string name() const = 0;

 protected:
  ReloadEvent() = default;
};

}  // namespace tunnel::os
