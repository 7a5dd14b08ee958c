// What the service manager hears while the loops turn, and when one of them does not.
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

// A manager that hears what is sent to its socket.
class Ear {
 public:
  explicit Ear(const std::string& path) : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Ear() { close(socket_); }

  std::vector<std::string> take() {
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
  explicit Supervised(const char* watchdog) : ear((folder.path() / "notify").string()) {
    setenv("NOTIFY_SOCKET", (folder.path() / "notify").c_str(), 1);
    if (watchdog != nullptr) setenv("WATCHDOG_USEC", watchdog, 1);
    auto found = os::ServiceManager::from_environment();
    REQUIRE(found.has_value());
    manager = std::move(*found);
    for (int i = 0; i < 2; ++i) workers.push_back(std::make_unique<Worker>());
  }

  // Runs home and, where it is not stuck, the other worker, a round of beats each.
  void turn(bool other_turns) {
    for (int i = 0; i < 20; ++i) {
      workers[0]->io.run_for(5ms);
      workers[0]->io.restart();
      if (!other_turns) continue;
      workers[1]->io.poll();
      workers[1]->io.restart();
    }
  }

  test::TemporaryFolder folder;
  Ear ear;
  os::ServiceManager manager;
  std::vector<std::unique_ptr<Worker>> workers;
};

TEST_CASE("the variables are for this process alone") {
  const Supervised supervised("1000000");
  CHECK_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  CHECK_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
  CHECK_EQ(supervised.manager.watchdog(), 1s);
}

TEST_CASE("a worker that is stuck silences the watchdog, until it turns again") {
  Supervised supervised("20000");
  ServiceManagerNotifier supervision(supervised.manager, supervised.workers, [] { return "well"; });
  supervision.ready();
  supervised.turn(true);
  const auto heard = supervised.ear.take();
  REQUIRE_GE(heard.size(), 3);
  CHECK_EQ(heard[0], "READY=1\nSTATUS=well");
  CHECK_EQ(heard[1], "WATCHDOG=1\nSTATUS=well");

  // one beat may have been due already
  supervised.turn(false);
  CHECK_LE(supervised.ear.take().size(), 1);
  supervised.turn(false);
  CHECK_EQ(supervised.ear.take().size(), 0);

  supervised.turn(true);
  CHECK_GE(supervised.ear.take().size(), 2);
}

TEST_CASE("without a manager nothing is told, and without a watchdog only what is new") {
  {
    os::ServiceManager nobody;
    std::vector<std::unique_ptr<Worker>> workers;
    workers.push_back(std::make_unique<Worker>());
    ServiceManagerNotifier supervision(nobody, workers, [] { return "well"; });
    supervision.ready();
    CHECK_EQ(workers[0]->io.poll(), 0);
  }
  Supervised supervised(nullptr);
  ServiceManagerNotifier supervision(supervised.manager, supervised.workers, [] { return "a\nb"; });
  supervision.ready();
  supervised.turn(true);
  CHECK_EQ(supervised.ear.take(), std::vector<std::string>{"READY=1\nSTATUS=a\\nb"});
}

}  // namespace
}  // namespace tunnel

#endif
