// Changes of this machine's addresses and default routes.
#pragma once

#include <memory>

namespace tunnel::os {

class NetworkChanges {
 public:
  // Starts to watch. On systems that can't be watched, poll() never reports a change.
  NetworkChanges();
  ~NetworkChanges();
  NetworkChanges(const NetworkChanges&) = delete;
  NetworkChanges& operator=(const NetworkChanges&) = delete;

  struct Changes {
    bool address_gone = false;
    bool route_changed = false;  // a default route was added or removed
  };
  // The changes since the last call; doesn't wait.
  Changes poll();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tunnel::os
