// What a listener needs of the service that it accepts connections for.
#pragma once

#include <cstddef>

#include "log/service_log.hpp"
#include "net/io.hpp"

namespace tunnel {

// Lives on the home worker's thread.
class ConnectionSink {
 public:
  ConnectionSink() = default;
  virtual ~ConnectionSink() = default;
  ConnectionSink(const ConnectionSink&) = delete;
  ConnectionSink& operator=(const ConnectionSink&) = delete;

  // Waits until a connection may begin, or the sink is closed. False: something has changed, so
  // call again, on the sink that the listener has by then.
  virtual net::Awaitable<bool> wait_for_slot() = 0;
  // The worker for the next connection. Its socket belongs to the executor.
  struct Target {
    std::size_t worker;
    net::Executor executor;
  };
  virtual Target next_worker() = 0;
  // Whether that address may connect; logs a refusal.
  virtual bool admits(const net::Endpoint& from) = 0;
  // Starts a connection in the slot that wait_for_slot() returned true for.
  virtual void begin(std::size_t worker, const net::Endpoint& from, net::Socket socket) = 0;
  // Descriptors or memory have run out: returns whether an unfinished handshake was cut.
  virtual bool make_room() = 0;

  virtual const ServiceLog& log() const = 0;
};

}  // namespace tunnel
