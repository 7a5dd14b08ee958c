// The variables as curl and others read them.
#include "net/environment_proxy.hpp"

#include <fmt/format.h>

#include <asio/ip/address.hpp>

#include "base/text.hpp"
#include "net/io.hpp"
#include "os/process/process.hpp"

namespace tunnel::net {

namespace {

bool is_this_machine(std::string_view host) {
  ErrorCode not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  return not_an_address ? host == "localhost" : address.is_loopback();
}

// NO_PROXY is a list of names, each of which stands for what is below it as well, or "*".
bool is_left_out(const std::string& host, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = list.find_first_of(", ");
    std::string name = lower_case(list.substr(0, end));
    list.remove_prefix(end == list.npos ? list.size() : end + 1);
    if (name == "*") return true;
    if (name.starts_with("*.")) name.erase(0, 2);
    if (name.starts_with('.')) name.erase(0, 1);
    if (!name.empty() && (host == name || host.ends_with("." + name))) return true;
  }
  return false;
}

// "proxy.example:3128" of "http://user:password@proxy.example:3128/".
std::string_view address_in(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  // a password may have a slash that was not encoded
  if (const std::size_t user = url.rfind('@'); user != url.npos) url.remove_prefix(user + 1);
  return url.substr(0, url.find('/'));
}

}  // namespace

std::optional<std::string> environment_proxy(std::string_view host) {
  if (is_this_machine(host)) return std::nullopt;
  const std::string name = lower_case(host);
  for (const char* variable : {"NO_PROXY", "no_proxy"})
    if (const auto list = os::environment_variable(variable); list && is_left_out(name, *list))
      return std::nullopt;
  for (const char* variable : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"})
    if (const auto url = os::environment_variable(variable); url && !url->empty())
      return fmt::format("{} names a proxy ({})", variable, escaped(address_in(*url)));
  return std::nullopt;
}

}  // namespace tunnel::net
