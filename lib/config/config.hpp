// A validated configuration: nothing downstream validates again.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/name_pattern.hpp"
#include "config/mistake.hpp"
#include "config/ranges.hpp"
#include "config/socket_address.hpp"
#include "log/log.hpp"

namespace tunnel::config {

// A file that the configuration names: absolute, or relative to the working directory.
struct FileRef {
  std::filesystem::path path;
  Place place;
};

// full: chain and name, and `pins` if there are any. pin: the key is one of `pins`. first_use: the
// key is remembered, and any other refused. none: the peer isn't verified.
enum class Verify { full, pin, first_use, none };

// A wall-clock time, and how it was written.
struct Instant {
  std::chrono::sys_time<std::chrono::milliseconds> at;
  std::string text;
};

enum class TlsVersion { tls12, tls13 };

// The protocol in which a waiting client is told why the tunnel couldn't open.
enum class Explain { off, vnc, http, ssh };

// How a TLS stream that ends without close_notify ends on the plain side, after its last byte.
enum class UncleanEnd { reset, close };

// Which of several targets a connection tries first.
enum class Balance { order, round_robin, random };

// Timeouts of one connection; zero disables.
struct Timeouts {
  std::chrono::milliseconds connect{std::chrono::seconds(10)};
  std::chrono::milliseconds handshake{std::chrono::seconds(10)};
  std::chrono::milliseconds idle{std::chrono::hours(12)};
  std::chrono::milliseconds unused{std::chrono::minutes(10)};  // before the first byte; not a key
  std::chrono::milliseconds close{std::chrono::seconds(60)};
};

struct Service {
  std::string name;
  Place place;
  std::string notice;                         // a warning to log when it starts; may be empty
  std::shared_ptr<const KeyWording> wording;  // for messages about it; null: a file's

  bool client = false;  // plaintext in, TLS out
  bool tls = true;      // false: plain on both sides
  std::vector<SocketAddress> accept;
  std::vector<Place> accept_places;    // of each
  std::vector<SocketAddress> connect;  // none inherited
  Balance balance = Balance::order;

  // Client with TLS.
  std::string server_name;  // empty: the host of the target in use
  Verify verify = Verify::full;
  Place verify_place;             // line 0 where it does not say
  std::vector<std::string> pins;  // of the far side, each as parse_pin() gives it
  bool system_ca = true;
  Place ca_place;
  std::vector<FileRef> ca;  // files or folders of PEM
  std::optional<FileRef> crl;

  // Own identity. Server mode has both; a client has both or neither.
  std::optional<FileRef> cert;
  std::optional<FileRef> key;
  std::optional<FileRef> key_password_file;

  // Server mode: which clients are admitted; all of what is set must hold. All empty: any client.
  std::vector<FileRef> client_ca;  // files or folders of PEM
  std::vector<std::string> client_pins;
  std::vector<NamePattern> client_names;  // only with client_ca

  TlsVersion min_version = TlsVersion::tls12;
  TlsVersion max_version = TlsVersion::tls13;
  bool resume = true;  // sessions; off by default if a client presents a certificate

  Access access;                          // addresses that are admitted
  std::chrono::milliseconds open_for{0};  // from when it listens; zero: no limit
  std::optional<Instant> until;           // not with open_for

  Explain explain = Explain::off;              // not in server mode
  UncleanEnd unclean_end = UncleanEnd::reset;  // only with tls
  std::size_t warm = 0;                        // connections that a client keeps ready
  std::size_t max_connections = 10000;
  std::size_t max_per_source = 5000;  // of an IPv4 address or an IPv6 /64; not of this machine
  Timeouts timeouts;
  std::chrono::milliseconds keepalive{std::chrono::seconds(60)};  // zero: off

  bool accepts_tls() const { return tls && !client; }
  bool connects_tls() const { return tls && client; }
  bool authenticates_clients() const {
    return accepts_tls() && !(client_ca.empty() && client_pins.empty());
  }
};

// strict: TCP ports are limited to those in the configuration at startup.
enum class Sandbox { off, on, strict };

struct Process {
  std::string user = {};   // a name or a number; empty: unchanged
  std::string group = {};  // likewise; empty: the user's
  Sandbox sandbox = Sandbox::on;
  std::size_t workers = 0;  // 0: one per processor, up to 4
  std::chrono::milliseconds drain_timeout{std::chrono::seconds(30)};  // zero: no limit
  bool watch = true;  // take renewed files of services into use
};

struct LogConfig {
  Log::Settings settings;
  // Not both; neither: standard error.
  std::optional<std::filesystem::path> file;
  std::optional<SocketAddress> syslog;
};

// Where the status is served, and to whom beside this machine.
struct Status {
  SocketAddress listen;
  std::vector<Range> allow;  // other machines that may ask
  std::string token;         // that they must show; empty: none. Not both are empty if they can ask
  std::filesystem::path token_file;
  Place place;  // of token_file

  bool operator==(const Status& other) const {
    return listen == other.listen && allow == other.allow && token == other.token;
  }
};

struct Config {
  std::vector<Service> services;
  LogConfig log;
  std::optional<Status> status;
  Process process;
};

}  // namespace tunnel::config
