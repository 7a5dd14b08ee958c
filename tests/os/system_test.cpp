// What this system says of itself: ports, trust, processes.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "os/port_holder.hpp"
#include "os/process.hpp"
#include "os/socket.hpp"
#include "os/trust.hpp"

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

TEST_CASE("the trust of the system is somewhere, or the error says what to do") {
  const auto trust = system_trust();
  if (trust)
    CHECK((!trust->paths.empty() || !trust->certificates.empty()));
  else
    CHECK_NE(trust.error().hint.find("ca = \"...\""), std::string::npos);
}

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

TEST_CASE("keepalive probes after the given silence, and can be turned off") {
  using namespace std::chrono_literals;
  const Descriptor socket;
  REQUIRE(set_keepalive(socket.fd, 90s));
  CHECK_EQ(socket.option(SOL_SOCKET, SO_KEEPALIVE), 1);
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 90);
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPINTVL), 15);
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPCNT), 3);
  REQUIRE(set_keepalive(socket.fd, 0s));
  CHECK_EQ(socket.option(SOL_SOCKET, SO_KEEPALIVE), 0);
  // the system takes whole seconds, from 1 to 32767
  REQUIRE(set_keepalive(socket.fd, 5ms));
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 1);
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPINTVL), 1);
  REQUIRE(set_keepalive(socket.fd, 24h * 3650));
  CHECK_EQ(socket.option(IPPROTO_TCP, TCP_KEEPIDLE), 32767);
}

TEST_CASE("OpenSSL's variables say where the trust of the system is") {
  setenv("SSL_CERT_FILE", "/a/file", 1);
  setenv("SSL_CERT_DIR", "/a/folder", 1);
  const auto both = system_trust();
  REQUIRE(both.has_value());
  CHECK(both->paths == std::vector<std::filesystem::path>{"/a/file", "/a/folder"});
  unsetenv("SSL_CERT_DIR");
  const auto file = system_trust();
  REQUIRE(file.has_value());
  CHECK(file->paths == std::vector<std::filesystem::path>{"/a/file"});
  setenv("SSL_CERT_FILE", "", 1);
  const auto empty = system_trust();
  if (empty) CHECK(empty->paths != std::vector<std::filesystem::path>{""});
  unsetenv("SSL_CERT_FILE");
}

#endif

TEST_CASE("options on what is no socket are refused") {
  using namespace std::chrono_literals;
  CHECK_FALSE(set_keepalive(-1, 1s));
  CHECK_FALSE(set_listener_reuse(-1));
  CHECK_FALSE(set_reset_on_close(-1));
}

#endif

}  // namespace
}  // namespace tunnel::os
