// Whether this machine's addresses or its way out have changed, from look to look.
#pragma once

#include <memory>

namespace tunnel::os {

class NetworkChanges {
 public:
  // Begins to watch; where the system cannot be watched, nothing ever changes.
  NetworkChanges();
  ~NetworkChanges();
  NetworkChanges(const NetworkChanges&) = delete;
  NetworkChanges& operator=(const NetworkChanges&) = delete;

  struct Seen {
    bool address_gone = false;
    bool route_changed = false;  // a default route has come or gone
  };
  // Since the last look; does not wait.
  Seen look();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tunnel::os
