// Orders from a keeper to its worker, and their encoding as bytes and descriptors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/file/file_view.hpp"
#include "os/net/socket.hpp"
#include "server/handed_listeners.hpp"
#include "server/held_listeners.hpp"

namespace tunnel {

struct KeeperOrder {
  enum class Kind : std::uint8_t {
    stop,    // as a signal to stop does; a second one stops at once
    leave,   // close when the last connection has: another program has the listeners now
    reload,  // take this configuration into use
    renew,   // take the changed ones of these files into use
    log_status,
    log,   // `cause`, an error of the keeper's
    adopt  // for another keeper: these are the listeners
  };

  Kind kind = Kind::stop;
  std::string cause = {};
  os::FileCopies files = {};                        // reload, renew
  std::vector<std::filesystem::path> changed = {};  // renew
  std::vector<HandedAddress> listeners = {};        // reload: the new ones; adopt: all
  std::vector<BindRefusal> refusals = {};           // reload: those that failed
};

// The message; the descriptors are those of the listeners, in their order.
std::string encode(const KeeperOrder& order);
std::vector<os::NativeSocket> descriptors_of(const KeeperOrder& order);

// Nothing if the message is damaged: then the descriptors are still the caller's.
std::optional<KeeperOrder> decode(std::string_view message,
                                  const std::vector<os::NativeSocket>& descriptors);

}  // namespace tunnel
