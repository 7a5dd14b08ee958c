// A check of one service: its own certificate, then each of its targets.
#pragma once

#include <memory>
#include <string>

#include "check/report.hpp"
#include "config/config.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"

namespace tunnel {

// Is told what happens as it does.
class CheckWatcher {
 public:
  virtual ~CheckWatcher() = default;
  // The steps that follow concern this target; of the own certificate, none.
  virtual void begin(const std::string& service, const std::string& target) = 0;
  virtual void step(const Step& step) = 0;
};

// Runs the worker's loop until the check is over. `context` is the service's, null where it speaks
// no TLS; it should resume no sessions, since a resumed one shows no certificate.
ServiceReport check_service(Worker& worker, const config::Service& service,
                            const std::shared_ptr<const tls::Context>& context,
                            CheckWatcher& watcher);

// The own certificate of a service that has one: whether its time is right.
Step check_identity(const config::Service& service, std::chrono::sys_seconds now);

}  // namespace tunnel
