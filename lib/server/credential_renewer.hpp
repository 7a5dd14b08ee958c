// Takes renewed certificates, keys and lists into use without a reload.
#pragma once

#include <cstdint>
#include <vector>

#include "log/log.hpp"
#include "net/io.hpp"
#include "server/config_loader.hpp"
#include "server/file_watcher.hpp"
#include "server/service_set.hpp"

namespace tunnel {

// Lives on the home worker's thread; reads files on the watcher's. If a service's files have an
// error, the service keeps the previous ones, and the error is logged once per change.
class CredentialRenewer {
 public:
  // All five outlive it; `home` is the home worker's.
  CredentialRenewer(net::Executor home, const ConfigLoader& loader, const Sandbox& sandbox,
                    ServiceSet& services, Log& log);

  // Watches the files of the services as they are now, from the state in which they were read.
  void watch(FileStamps read);

  // Has the services use what was read; false if any of it has a mistake.
  bool apply(std::vector<Renewal> renewals);

 private:
  const net::Executor home_;
  const ConfigLoader& loader_;
  const Sandbox& sandbox_;
  ServiceSet& services_;
  Log& log_;
  std::uint64_t watched_ = 0;  // how many sets of files: what comes of an earlier one is late
  FileWatcher watcher_;        // last, since its thread calls the others
};

}  // namespace tunnel
