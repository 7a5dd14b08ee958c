// What this system says of itself: ports, trust, processes.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/file/system_trust.hpp"
#include "os/net/port_holder.hpp"
#include "os/net/socket.hpp"
#include "os/process/process.hpp"
#include "os/terminal/colours.hpp"
#include "os/terminal/terminal.hpp"
#include "support/temporary_folder.hpp"

#ifndef _WIN32
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#endif

namespace tunnel::os {
namespace {

TEST_CASE("a file is no terminal to draw on") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  CHECK_EQ(columns(file), 0);
  CHECK_FALSE(shows_colours(file));
  std::fclose(file);
}

TEST_CASE("the trust of the system is somewhere, or the error says what to do") {
  const auto trust = system_trust();
  if (trust)
    CHECK((!trust->paths.empty() || !trust->certificates.empty() || trust->judge));
  else
    CHECK_NE(trust.error().hint.find("ca = \"...\""), std::string::npos);
}

#if defined(__linux__)

// An environment variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_)
      setenv(name_, before_->c_str(), 1);
    else
      unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_CASE("OpenSSL's variables name a file and several folders") {
  const test::TemporaryFolder here;
  const auto file = here.write("bundle.pem", "x");
  for (const char* name : {"one", "two", "empty"})
    std::filesystem::create_directory(here.path() / name);
  const auto one = here.path() / "one";
  const auto two = here.path() / "two";
  here.write("one/a.pem", "x");
  here.write("two/b.pem", "x");
  const std::string folders = one.string() + ":" + (here.path() / "missing").string() +
                              "::" + (here.path() / "empty").string() + ":" + two.string();
  using Paths = std::vector<std::filesystem::path>;
  {
    const Variable no_file("SSL_CERT_FILE", "");
    const Variable dir("SSL_CERT_DIR", folders);
    const auto trust = system_trust();
    REQUIRE(trust);
    CHECK(trust->paths == Paths{one, two});
  }
  {
    const Variable named("SSL_CERT_FILE", file.string());
    const Variable dir("SSL_CERT_DIR", folders);
    const auto trust = system_trust();
    REQUIRE(trust);
    CHECK(trust->paths == Paths{file, one, two});
  }
  {
    const Variable no_file("SSL_CERT_FILE", "");
    const Variable dir("SSL_CERT_DIR", (here.path() / "missing").string());
    const auto trust = system_trust();
    REQUIRE_FALSE(trust);
    CHECK_EQ(trust.error().message(),
             "no folder of SSL_CERT_DIR is there and holds a file; correct or unset SSL_CERT_DIR");
  }
  {
    const Variable named("SSL_CERT_FILE", file.string());
    const Variable no_folder("SSL_CERT_DIR", "");
    const auto trust = system_trust();
    REQUIRE(trust);
    CHECK(trust->paths == Paths{file});
  }
  {
    // an image that sets the usual place for all lacks the package
    const Variable usual("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt");
    const Variable dir("SSL_CERT_DIR", "/etc/ssl/certs");
    CHECK_EQ(how_to_install_trust(), "install the package ca-certificates");
    const Variable own("SSL_CERT_FILE", file.string());
    CHECK_EQ(how_to_install_trust(), "correct or unset SSL_CERT_FILE");
  }
  {
    const Variable no_file("SSL_CERT_FILE", "");
    const Variable no_folder("SSL_CERT_DIR", "");
    if (const auto trust = system_trust()) CHECK(trust->paths != Paths{""});
  }
}

#endif

#ifndef _WIN32

struct Descriptor {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  ~Descriptor() { close(fd); }

  int option(int level, int name) const {
    int value = -1;
    socklen_t size = sizeof value;
    REQUIRE_EQ(getsockopt(fd, level, name, &value, &size), 0);
    return value;
  }
  std::uint16_t bind_to_loopback() const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE_EQ(bind(fd, any, size), 0);
    REQUIRE_EQ(getsockname(fd, any, &size), 0);
    return ntohs(address.sin_port);
  }
};

TEST_CASE("a write to a closed pipe does not end the program") {
  prepare_process();
  int ends[2];
  REQUIRE_EQ(pipe(ends), 0);
  close(ends[0]);
  CHECK_EQ(write(ends[1], "x", 1), -1);
  close(ends[1]);
}

TEST_CASE("the soft limit of descriptors is lifted to the hard one") {
  rlimit before{};
  REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 64;
  REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  prepare_process();
  rlimit after{};
  REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  CHECK_GT(after.rlim_cur, 64);
  CHECK_EQ(after.rlim_max, before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}

#ifdef __linux__

TEST_CASE("the holder of a port is this program, and nobody where nobody listens") {
  const Descriptor listener;
  const std::uint16_t port = listener.bind_to_loopback();
  CHECK_EQ(port_holder(port), "");
  REQUIRE_EQ(listen(listener.fd, 1), 0);
  const std::string holder = port_holder(port);
  const std::string process = " (process " + std::to_string(getpid()) + ")";
  CHECK(holder.ends_with(process));
  CHECK_GT(holder.size(), process.size());
}

TEST_CASE("what would pace a socket is taken from it, and nothing else") {
  const auto congestion_control = [](int socket) {
    char name[16] = {};
    socklen_t size = sizeof name;
    REQUIRE_EQ(getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
    return std::string(name);
  };
  const auto choose = [](int socket, std::string_view name) {
    return setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                      static_cast<socklen_t>(name.size())) == 0;
  };
  for (const std::string name : {"bbr", "cubic", "reno"}) {
    CAPTURE(name);
    const Descriptor socket;
    if (!choose(socket.fd, name)) {
      MESSAGE(name, " is not to be had on this system");
      CHECK_NE(name, "reno");
      continue;
    }
    send_unpaced(socket.fd);
    CHECK_EQ(congestion_control(socket.fd), name == "bbr" ? "reno" : name);
  }
}

TEST_CASE("those who fall silent together are not asked together") {
  using namespace std::chrono_literals;
  std::vector<Descriptor> sockets(200);
  std::map<int, int> idle;
  for (const Descriptor& socket : sockets) {
    REQUIRE(set_keepalive(socket.fd, 60s));
    ++idle[socket.option(IPPROTO_TCP, TCP_KEEPIDLE)];
  }
  CHECK_GE(idle.size(), 25);
  for (const auto& [seconds, count] : idle) CHECK_LE(count, 20);
}

TEST_CASE("keepalive probes after the given silence, and can be turned off") {
  using namespace std::chrono_literals;
  const Descriptor socket;
  REQUIRE(set_keepalive(socket.fd, 90s));
  CHECK_EQ(socket.option(SOL_SOCKET, SO_KEEPALIVE), 1);
  CHECK_GE(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 45);
  CHECK_LE(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 90);
  CHECK_GE(socket.option(IPPROTO_TCP, TCP_KEEPINTVL), 8);
  CHECK_LE(socket.option(IPPROTO_TCP, TCP_KEEPINTVL), 15);
  // the verdict is not the system's
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPCNT), 127);
  REQUIRE(set_keepalive(socket.fd, 0s));
  CHECK_EQ(socket.option(SOL_SOCKET, SO_KEEPALIVE), 0);
  // the system takes whole seconds, from 1 to 32767
  REQUIRE(set_keepalive(socket.fd, 5ms));
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 1);
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPINTVL), 1);
  REQUIRE(set_keepalive(socket.fd, 24h * 3650));
  CHECK_LE(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 32767);
  CHECK_GE(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 32767 / 2);
  // after a silence, and back
  REQUIRE(probe(socket.fd, 7900ms));
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 7);
  REQUIRE(set_keepalive(socket.fd, 90s));
  CHECK_GE(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 45);
}

#endif

TEST_CASE("options on what is no socket are refused") {
  using namespace std::chrono_literals;
  CHECK_FALSE(set_keepalive(-1, 1s));
  CHECK_FALSE(set_listener_reuse(-1));
  CHECK_FALSE(set_reset_on_close(-1, true));
  CHECK_FALSE(probe(-1, 1s));
  CHECK_FALSE(peer_state(-1).has_value());
}

#endif

}  // namespace
}  // namespace tunnel::os
