// One service: its listeners, its accept loops, its limit of connections.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "config/config.hpp"
#include "net/listen.hpp"
#include "tls/context.hpp"
#include "tunnel/warm.hpp"
#include "tunnel/worker.hpp"

namespace tunnel {

// Lives on the home worker's thread; connections are spread over all workers.
class Service {
 public:
  // All but the context outlive the service, which must outlive its connections. `idle` is called
  // each time when the last connection has ended.
  Service(const config::Service& settings, std::shared_ptr<const tls::Context> context,
          const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
          std::function<void()> idle);

  // Binds every address, or says which could not be and binds none.
  std::vector<Error> listen();
  // Announces the listeners in the log and accepts from now on.
  void start();
  // Accepts no more; live connections go on.
  void close();

  std::size_t active() const { return active_; }
  const std::string& name() const { return settings_.name; }

 private:
  net::Awaitable<void> accept_loop(net::Acceptor& acceptor);
  net::Awaitable<void> wait_for_slot();
  net::Awaitable<void> back_off(const net::ErrorCode& error, unsigned failures,
                                std::chrono::milliseconds& delay);
  void begin(std::size_t worker, net::Socket socket);
  void ended();
  void announce();
  LogEvent event(LogLevel level, std::string_view name, std::string message) const;

  const config::Service& settings_;
  const std::shared_ptr<const tls::Context> context_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  Log& log_;
  const std::function<void()> idle_;
  std::vector<net::Acceptor> acceptors_;
  std::vector<std::unique_ptr<Warm>>
      warm_;  // of the first workers; none where nothing is kept ready
  net::Timer slot_free_;
  std::size_t active_ = 0;
  std::size_t next_worker_ = 0;
  std::uint64_t last_id_ = 0;
  bool closed_ = false;
  bool full_ = false;  // said so in the log
};

}  // namespace tunnel
