// The proxy of the environment: which variable, for which host, and what is left out of it.
#include "net/environment_proxy.hpp"

#include <doctest/doctest.h>

#ifndef _WIN32

#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "net/dial.hpp"

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;

constexpr const char* all[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY",
                               "all_proxy",   "NO_PROXY",    "no_proxy"};

using Variables = std::vector<std::pair<const char*, const char*>>;

// The environment has these of the six variables, and afterwards those that it had before.
class Environment {
 public:
  explicit Environment(const Variables& variables) {
    for (const char* name : all) {
      const char* value = std::getenv(name);
      before_.push_back(value != nullptr ? std::optional<std::string>(value) : std::nullopt);
      ::unsetenv(name);
    }
    for (const auto& [name, value] : variables) ::setenv(name, value, 1);
  }
  ~Environment() {
    for (std::size_t i = 0; i < before_.size(); ++i) {
      if (before_[i])
        ::setenv(all[i], before_[i]->c_str(), 1);
      else
        ::unsetenv(all[i]);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::optional<std::string>> before_;
};

std::string proxy_for(const std::string& host) { return environment_proxy(host).value_or(""); }

TEST_CASE("each variable is named with the proxy's address and nothing secret") {
  struct Row {
    const char* variable;
    const char* value;
    std::string words;
  };
  for (const Row& row : {
           Row{"HTTPS_PROXY", "http://proxy.example:3128",
               "HTTPS_PROXY names a proxy (proxy.example:3128)"},
           Row{"https_proxy", "proxy.example:3128/",
               "https_proxy names a proxy (proxy.example:3128)"},
           Row{"ALL_PROXY", "socks5h://user:p@ss/word@proxy.example:1080",
               "ALL_PROXY names a proxy (proxy.example:1080)"},
           Row{"all_proxy", "http://[2001:db8::7]:3128/",
               "all_proxy names a proxy ([2001:db8::7]:3128)"},
           Row{"HTTPS_PROXY", "a\x1b[2J", "HTTPS_PROXY names a proxy (a\\x1b[2J)"},
           Row{"HTTPS_PROXY", "", ""},
       }) {
    const Environment environment(Variables{{row.variable, row.value}});
    CHECK_EQ(proxy_for("relay.example"), row.words);
    // nobody reaches this machine by a proxy
    for (const std::string here : {"localhost", "127.0.0.1", "127.1.2.3", "::1"})
      CHECK_EQ(proxy_for(here), "");
  }
  const Environment none(Variables{});
  CHECK_EQ(proxy_for("relay.example"), "");
}

TEST_CASE("NO_PROXY leaves out hosts and what is below them") {
  for (const char* variable : {"NO_PROXY", "no_proxy"}) {
    const Environment environment(
        Variables{{"HTTPS_PROXY", "http://proxy:3128"},
                  {variable, "a.example, .b.example,*.c.example,192.0.2.7"}});
    for (const std::string host : {"a.example", "A.example", "x.a.example", "b.example",
                                   "x.b.example", "x.c.example", "192.0.2.7"}) {
      CAPTURE(host);
      CHECK_EQ(proxy_for(host), "");
    }
    for (const std::string host : {"xa.example", "example", "192.0.2.70"}) {
      CAPTURE(host);
      CHECK_NE(proxy_for(host), "");
    }
  }
  const Environment everything(Variables{{"HTTPS_PROXY", "http://proxy:3128"}, {"NO_PROXY", "*"}});
  CHECK_EQ(proxy_for("relay.example"), "");
}

TEST_CASE("a relay that cannot be reached may have to be reached through the proxy") {
  const Environment environment(Variables{{"HTTPS_PROXY", "http://proxy.example:3128"}});
  const auto hint = [](const ErrorCode& error, FarSide far_side) {
    return why_not_reached("203.0.113.7:443", {"203.0.113.7", 443}, far_side, {error, true}, 10s)
        .hint;
  };
  const std::string proxy =
      "HTTPS_PROXY names a proxy (proxy.example:3128); tunnel doesn't use proxies";
  for (const ErrorCode error :
       {ErrorCode(asio::error::timed_out), ErrorCode(asio::error::network_unreachable),
        ErrorCode(asio::error::host_unreachable)}) {
    CHECK(hint(error, FarSide::relay).starts_with(proxy));
    CHECK_EQ(hint(error, FarSide::device).find("PROXY"), std::string::npos);
  }
}

}  // namespace
}  // namespace tunnel::net

#endif
