// What the service manager receives while the loops run, and while one of them does not.
#include "server/service_manager_notifier.hpp"

#include <doctest/doctest.h>

#ifdef __linux__

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;

// A manager's socket.
class ManagerSocket {
 public:
  explicit ManagerSocket(const std::string& path)
      : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~ManagerSocket() { close(socket_); }

  std::vector<std::string> receive() {
    std::vector<std::string> out;
    char text[1024];
    for (ssize_t n; (n = recv(socket_, text, sizeof text, 0)) > 0;)
      out.emplace_back(text, static_cast<std::size_t>(n));
    return out;
  }

 private:
  const int socket_;
};

struct Supervised {
  explicit Supervised(const char* watchdog) : socket((folder.path() / "notify").string()) {
    setenv("NOTIFY_SOCKET", (folder.path() / "notify").c_str(), 1);
    if (watchdog != nullptr) setenv("WATCHDOG_USEC", watchdog, 1);
    auto found = os::ServiceManager::from_environment();
    REQUIRE(found.has_value());
    manager = std::move(*found);
    for (int i = 0; i < 2; ++i) workers.push_back(std::make_unique<Worker>());
  }

  // Runs the home worker and, unless it is stuck, the other one.
  void run(bool other_runs) {
    for (int i = 0; i < 20; ++i) {
      workers[0]->io.run_for(5ms);
      workers[0]->io.restart();
      if (!other_runs) continue;
      workers[1]->io.poll();
      workers[1]->io.restart();
    }
  }

  test::TemporaryFolder folder;
  ManagerSocket socket;
  os::ServiceManager manager;
  std::vector<std::unique_ptr<Worker>> workers;
};

TEST_CASE("child processes don't inherit the variables") {
  const Supervised supervised("1000000");
  CHECK_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  CHECK_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
  CHECK_EQ(supervised.manager.watchdog(), 1s);
}

TEST_CASE("a stuck worker stops the watchdog messages until it runs again") {
  Supervised supervised("20000");
  ServiceManagerNotifier notifier(supervised.manager, supervised.workers, [] { return "well"; });
  notifier.ready();
  supervised.run(true);
  const auto received = supervised.socket.receive();
  REQUIRE_GE(received.size(), 3);
  CHECK_EQ(received[0], "READY=1\nSTATUS=well");
  CHECK_EQ(received[1], "WATCHDOG=1\nSTATUS=well");

  // one message may have been due already
  supervised.run(false);
  CHECK_LE(supervised.socket.receive().size(), 1);
  supervised.run(false);
  CHECK_EQ(supervised.socket.receive().size(), 0);

  supervised.run(true);
  CHECK_GE(supervised.socket.receive().size(), 2);
}

TEST_CASE("without a manager nothing is sent, and without a watchdog only a new status") {
  {
    os::ServiceManager nobody;
    std::vector<std::unique_ptr<Worker>> workers;
    workers.push_back(std::make_unique<Worker>());
    ServiceManagerNotifier notifier(nobody, workers, [] { return "well"; });
    notifier.ready();
    CHECK_EQ(workers[0]->io.poll(), 0);
  }
  Supervised supervised(nullptr);
  ServiceManagerNotifier notifier(supervised.manager, supervised.workers, [] { return "a\nb"; });
  notifier.ready();
  supervised.run(true);
  CHECK_EQ(supervised.socket.receive(), std::vector<std::string>{"READY=1\nSTATUS=a\\nb"});
}

}  // namespace
}  // namespace tunnel

#endif
