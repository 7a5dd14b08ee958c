// A thread that waits for orders.
#include "server/keeper_link.hpp"

#include <utility>

#include "server/worker_report.hpp"

namespace tunnel {

KeeperLink::~KeeperLink() { stop(); }

void KeeperLink::listen(std::function<void(std::optional<KeeperOrder>)> obey) {
  thread_ = std::thread([this, obey = std::move(obey)] {
    while (const auto message = socket_.receive()) {
      if (auto order = decode(message->text, message->descriptors))
        obey(std::move(*order));
      else
        for (const os::NativeSocket one : message->descriptors) os::close_socket(one);
    }
    obey(std::nullopt);
  });
}

void KeeperLink::stop() {
  if (!thread_.joinable()) return;
  socket_.end();
  thread_.join();
}

void KeeperLink::report(bool taken) const {
  socket_.send_packet(taken ? taken_report : refused_report);
}

}  // namespace tunnel
