// What becomes of a command's words.
#include "cmd/cli/placeholders.hpp"

#include <doctest/doctest.h>

namespace tunnel::cmd {
namespace {

net::Endpoint at(const char* address, unsigned short port) {
  return {asio::ip::make_address(address), port};
}

const std::vector<Listening> one = {{"vnc", {at("127.0.0.1", 5999), at("::1", 5999)}}};
const std::vector<Listening> two = {{"vnc", {at("::1", 5999)}}, {"web.site", {at("0.0.0.0", 80)}}};

std::string filled(const std::string& word, const std::vector<Listening>& services = one) {
  const auto out = fill_in({word}, services);
  return out ? out->front() : "refused: " + out.error().message();
}

}  // namespace

TEST_CASE("the tunnel's address, and its parts") {
  CHECK(filled("{accept}") == "127.0.0.1:5999");
  CHECK(filled("{host}::{port}") == "127.0.0.1::5999");
  CHECK(filled("http://{accept}/a{port}b") == "http://127.0.0.1:5999/a5999b");
  CHECK(filled("") == "");
  CHECK(fill_in({"a", "{port}", "b"}, one).value() == std::vector<std::string>{"a", "5999", "b"});
}

TEST_CASE("other braces stay as they are") {
  for (const std::string word : {"{}", "{print $1}", "${port}", "echo ${host}", "{", "}{", "{port",
                                 "{Port}", "a}b", "{ port }", "{service}", "{a.b}"})
    CHECK(filled(word) == word);
  CHECK(filled("{{port}}") == "{5999}");
  CHECK(filled("{ {port} }") == "{ 5999 }");
}

TEST_CASE("several services are told apart by name") {
  CHECK(filled("{vnc.accept} {web.site.accept}", two) == "[::1]:5999 127.0.0.1:80");
  CHECK(filled("{vnc.host} {web.site.port}", two) == "::1 80");
  CHECK(filled("{vnc.port}") == "5999");
  CHECK(filled("{port}", two) ==
        "refused: {port}: the file has 2 services: say which one is meant; {vnc.port}");
  CHECK(filled("{vcn.port}", two) ==
        "refused: {vcn.port}: there is no service \"vcn\"; {vnc.port}");
}

}  // namespace tunnel::cmd
