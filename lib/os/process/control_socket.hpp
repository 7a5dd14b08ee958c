// A pair of connected sockets between two processes of this program, for messages with
// descriptors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "os/net/socket.hpp"

namespace tunnel::os {

// Linux only: elsewhere pair() fails.
class ControlSocket {
 public:
  static Result<std::pair<ControlSocket, ControlSocket>> pair();

  // The end whose descriptor a variable of the environment has, which is removed; nothing if it has
  // none.
  static std::optional<ControlSocket> inherited(const char* variable);

  ControlSocket(ControlSocket&& other) noexcept;
  ControlSocket& operator=(ControlSocket&& other) noexcept;
  ~ControlSocket();

  // Sends a message of any size, with any number of descriptors, of which the receiver gets
  // duplicates. Waits at most five seconds for a receiver that doesn't read. False if it fails.
  bool send(std::string_view text, const std::vector<NativeSocket>& descriptors) const;

  struct Message {
    std::string text;
    std::vector<NativeSocket> descriptors;  // the receiver's
  };
  // Waits for the next message; nothing once the other end is closed, or if it is not one of
  // send().
  std::optional<Message> receive() const;

  // A single packet, without descriptors, at once or not at all.
  bool send_packet(std::string_view text) const;
  // Waits for the next; cut off after 4096 bytes. Empty once the other end is closed.
  std::string receive_packet() const;

  // Ends both directions: a receive() under way returns, here and at the other end.
  void end() const;

  NativeSocket handle() const { return socket_; }

 private:
  explicit ControlSocket(NativeSocket socket) : socket_(socket) {}

  NativeSocket socket_;
};

}  // namespace tunnel::os
