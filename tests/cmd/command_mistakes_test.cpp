// Command lines as people type them, and the command that each is answered with.
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <variant>

#include "cmd/cli/addresses_meant.hpp"
#include "cmd/cli/options.hpp"
#include "cmd/cli/spelling.hpp"

namespace tunnel::cmd {
namespace {

// What is printed for these words, separated by blanks; "runs" if nothing is wrong.
std::string answer(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words = {"tunnel"};
  for (std::string word; stream >> word;) words.push_back(word);
  const auto parsed = parse_options(words);
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  return exit == nullptr ? "runs" : exit->text;
}

void check_meant(const std::string& line, const std::string& meant) {
  CAPTURE(line);
  CHECK_MESSAGE(answer(line).ends_with("\n    " + meant + "\n"), answer(line));
  // what is answered is right
  if (meant.starts_with("tunnel ")) CHECK_EQ(answer(meant.substr(7)), "runs");
}

TEST_CASE("a file goes with --config") {
  check_meant("vnc.toml", "tunnel --config vnc.toml");
  check_meant("VNC.TOML --test", "tunnel --config VNC.TOML --test");
  check_meant("--test vnc.toml", "tunnel --test --config vnc.toml");
  check_meant("vnc.toml relay.example:1", "tunnel --config vnc.toml --connect relay.example:1");
  check_meant("--config vnc.toml 5999", "tunnel --config vnc.toml --accept 5999");
  check_meant("start vnc.toml", "tunnel --config vnc.toml");
  check_meant("test vnc.toml", "tunnel --test --config vnc.toml");
  check_meant("check vnc.toml", "tunnel check --config vnc.toml");
  check_meant("check vnc.toml vnc", "tunnel check --config vnc.toml vnc");
  check_meant("status vnc.toml --watch", "tunnel status --config vnc.toml --watch");
  check_meant("install --user vnc.toml", "tunnel install --user --config vnc.toml");
  check_meant("uninstall vnc.toml", "tunnel uninstall vnc");
  check_meant("uninstall --config vnc.toml", "tunnel uninstall vnc");
  check_meant("client vnc.toml", "tunnel --config vnc.toml");
  check_meant("server 41234 relay.toml --test", "tunnel --config relay.toml --accept 41234 --test");
  check_meant("run vnc.toml -- vncviewer", "tunnel run --config vnc.toml -- vncviewer");
  check_meant("--config vnc.toml check", "tunnel check --config vnc.toml");
  check_meant("--config a.toml b.toml",
              "put the services of both into one file, or start tunnel once for each");
}

TEST_CASE("a misspelt option") {
  for (const char* option : {"-c", "-config", "--conf", "--cofnig", "--Config", "-f", "--file",
                             "\xe2\x80\x94"
                             "config",
                             "\xe2\x80\x93\xe2\x80\x93"
                             "config"})
    check_meant(option + std::string(" vnc.toml"), "tunnel --config vnc.toml");
  check_meant("--confg=vnc.toml --tset", "tunnel --config=vnc.toml --test");
  check_meant("client 5999 a:1 --cafile ca.pem", "tunnel client 5999 a:1 --ca ca.pem");
  check_meant("client 5999 a:1 --server_name b", "tunnel client 5999 a:1 --server-name b");
  check_meant("server 1 a:1 --client-pn x", "tunnel server 1 a:1 --client-pin x");
  check_meant("run a:1 --listen 1 -- x", "tunnel run a:1 --accept 1 -- x");
  check_meant("client 5999 a:1 --verbose", "tunnel client 5999 a:1 --log-level debug");
  check_meant("client 5999 a:1 --ssl", "tunnel client 5999 a:1");
  check_meant("client --accept 5999 --connect a:1", "tunnel client 5999 a:1");
  check_meant("client --connect=a:1 --accept=5999", "tunnel client 5999 a:1");
  CHECK(answer("--ca x --config a.toml").find("an option of tunnel run, tunnel client") !=
        std::string::npos);
  CHECK(answer("client 5999 a:1 --idle-timeout 8h").find("--set idle_timeout=8h") !=
        std::string::npos);
  CHECK(answer("client 5999 a:1 --insecure").find("tunnel pin HOST:PORT") != std::string::npos);
  CHECK(answer("--config").find("tunnel --config FILE") != std::string::npos);
  CHECK(answer("--config a.toml --config b.toml").find("--config is given twice") !=
        std::string::npos);
}

TEST_CASE("a misspelt command") {
  check_meant("clinet 5999 a:1", "tunnel client 5999 a:1");
  check_meant("Client 5999 a:1", "tunnel client 5999 a:1");
  check_meant("chekc vnc.toml", "tunnel check --config vnc.toml");
  check_meant("stat --config a.toml", "tunnel status --config a.toml");
  check_meant("connect 5999 a:1", "tunnel client 5999 a:1");
  check_meant("localhost 443", "tunnel client 5999 localhost:443");
  check_meant("genkey laptop", "tunnel keygen laptop");
  check_meant("unistall vnc", "tunnel uninstall vnc");
  check_meant("serve 1 a:1", "tunnel server 1 a:1");
  CHECK(answer("frobnicate").find("there is no command \"frobnicate\"\n    tunnel --help") !=
        std::string::npos);
}

TEST_CASE("addresses that are swapped, in two words, a URL, or without a command") {
  check_meant("client a.example:1 5999", "tunnel client 5999 a.example:1");
  check_meant("client - 5999", "tunnel client 5999 -");
  check_meant("client 5999 a.example 1", "tunnel client 5999 a.example:1");
  check_meant("client a.example 1 5999", "tunnel client 5999 a.example:1");
  check_meant("client localhost 5999 a.example 1", "tunnel client localhost:5999 a.example:1");
  check_meant("client 5999 2001:db8::1 443", "tunnel client 5999 '[2001:db8::1]:443'");
  check_meant("client 5999:a.example:1", "tunnel client 5999 a.example:1");
  check_meant("client a.example:1", "tunnel client 5999 a.example:1");
  check_meant("client 5999 41234", "tunnel client 5999 relay.example:41234");
  check_meant("server 41234 5900", "tunnel server 41234 127.0.0.1:5900");
  check_meant("server 127.0.0.1:5900 41234", "tunnel server 41234 127.0.0.1:5900");
  check_meant("client 5999 https://a.example/x", "tunnel client 5999 a.example:443");
  check_meant("check https://user@a.example:8443?x", "tunnel check a.example:8443");
  check_meant("check a.example 443", "tunnel check a.example:443");
  check_meant("pin a.example 443", "tunnel pin a.example:443");
  check_meant("status 127.0.0.1 9090", "tunnel status 127.0.0.1:9090");
  check_meant("--config v.toml --connect a.example 1",
              "tunnel --config v.toml --connect a.example:1");
  check_meant("--config v.toml --connect vnc=a.example 1",
              "tunnel --config v.toml --connect vnc=a.example:1");
  check_meant("a.example:1", "tunnel client 5999 a.example:1");
  check_meant("6000 a.example:1", "tunnel client 6000 a.example:1");
}

TEST_CASE("the command of run goes behind --") {
  check_meant("run a.example:1 vncviewer -x {port}",
              "tunnel run a.example:1 -- vncviewer -x {port}");
  check_meant("run a.example 1 vncviewer", "tunnel run a.example:1 -- vncviewer");
  check_meant("run --config v.toml vncviewer --test",
              "tunnel run --config v.toml -- vncviewer --test");
  check_meant("run v.toml vncviewer", "tunnel run --config v.toml -- vncviewer");
  check_meant("run a.example:1 vncviewer -- -x", "tunnel run a.example:1 -- vncviewer -x");
  check_meant("a.example:1 -- vncviewer", "tunnel run a.example:1 -- vncviewer");
  check_meant("--config v.toml -- vncviewer", "tunnel run --config v.toml -- vncviewer");
  check_meant("client 5999 a:1 -- vncviewer", "tunnel run a:1 --accept 5999 -- vncviewer");
  CHECK(answer("run vncviewer").find("tunnel run relay.example:41234 -- vncviewer") !=
        std::string::npos);
}

TEST_CASE("what is missing is named as in the help") {
  CHECK(answer("client").find("ACCEPT is required\n    tunnel client ACCEPT CONNECT; tunnel client "
                              "--help") != std::string::npos);
  CHECK(answer("server 41234").find("CONNECT is required") != std::string::npos);
  CHECK(answer("keygen").find("NAME is required") != std::string::npos);
  CHECK(answer("install").find("tunnel install --config FILE") != std::string::npos);
  CHECK(answer("client 1 a:1 x").find("\"x\" is one word too many") != std::string::npos);
}

TEST_CASE("help and the version by their usual words") {
  for (const char* line : {"help", "--help", "-h", "-help", "-?", "/?"})
    CHECK(answer(line).find("Usage: tunnel [OPTIONS]") != std::string::npos);
  for (const char* line :
       {"help client", "client help", "client -help", "help clinet", "clinet -h"})
    CHECK(answer(line).find("Usage: tunnel client") != std::string::npos);
  for (const char* line : {"version", "--version", "-V", "-v"})
    CHECK(answer(line).starts_with("tunnel 0."));
  CHECK_EQ(answer("keygen help"), "runs");
}

TEST_CASE("what is right stays as it is") {
  for (const char* line :
       {"--config vnc.toml", "--config vnc", "--config=vnc.toml --connect vnc=a:1 --accept 1",
        "client 5999 a:1", "client 127.0.0.1:5999 -", "client unix:/tmp/a.toml a:1",
        "client 5999 a:1 --ca a.pem --ca b.pem --set warm=2 --set accept=1", "keygen server",
        "keygen vnc.toml", "check a:1", "check --config a.toml vnc", "pin relay.pem",
        "status unix:/run/tunnel.sock", "run a:1 -- x --config y", "run --config a.toml -- x",
        "run - --ca -x -- y", "install --config a.toml --print"})
    CHECK_EQ(answer(line), "runs");
}

TEST_CASE("the port of a URL") {
  CHECK_EQ(target_of_url("http://a.example"), "a.example:80");
  CHECK_EQ(target_of_url("vnc://a.example"), "a.example:5900");
  CHECK_EQ(target_of_url("https://[2001:db8::1]/"), "[2001:db8::1]:443");
  CHECK_EQ(target_of_url("tls://a.example:7#x"), "a.example:7");
  CHECK_FALSE(target_of_url("gopher://a.example"));
  CHECK_FALSE(target_of_url("a.example:443"));
}

}  // namespace
}  // namespace tunnel::cmd
