// Requests that are answered, and those that are refused: hosts, methods, and bytes that are no
// HTTP.
#include "status/routes.hpp"

#include <doctest/doctest.h>

namespace tunnel::status {
namespace {

std::string ask(const std::string& head, From from = From::this_machine,
                const RemoteAccess& remote_access = {}, const Snapshot& snapshot = {}) {
  return respond(head, [&](const Request& request) {
    return answer(request, snapshot, nullptr, from, remote_access, "NONCE");
  });
}

std::string get(const std::string& path, const std::string& host = "127.0.0.1:9090") {
  return ask("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_CASE("only names of this machine's own are hosts") {
  for (const char* host : {"localhost", "localhost:9090", "127.0.0.1", "127.0.0.1:9090",
                           "127.9.9.9:1", "[::1]", "[::1]:9090"}) {
    CAPTURE(host);
    CHECK(is_own_host(host));
  }
  for (const char* host :
       {"", "evil.example", "evil.example:9090", "127.0.0.1.evil.example", "127.evil:9090",
        "localhost.evil.example:9090", "[::1].evil.example", "[::2]:9090", "[::1", "192.0.2.1",
        "127.0.0.1:9090:9090", "xlocalhost"}) {
    CAPTURE(host);
    CHECK_FALSE(is_own_host(host));
  }
}

TEST_CASE("every path has its type, and none is kept or guessed at") {
  const std::string status = get("/status");
  CHECK(status.starts_with("HTTP/1.1 200 OK\r\n"));
  for (const char* header : {"Content-Type: application/json\r\n", "Cache-Control: no-store\r\n",
                             "X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
                             "Connection: close\r\n"})
    CHECK(has(status, header));
  CHECK(has(get("/metrics"), "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  CHECK(has(get("/live"), "Content-Type: text/html; charset=utf-8\r\n"));
  CHECK(get("/health").ends_with("\r\n\r\nok\n"));
  CHECK(get("/health?x=1").ends_with("\r\n\r\nok\n"));
  CHECK(get("/nothing").starts_with("HTTP/1.1 404 "));
  CHECK(get("/../status").starts_with("HTTP/1.1 404 "));
}

TEST_CASE("the page runs nothing but its own script, and gets nothing from elsewhere") {
  const std::string page = get("/");
  CHECK(has(page,
            "Content-Security-Policy: default-src 'none'; script-src 'nonce-NONCE'; "
            "style-src 'nonce-NONCE'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'; require-trusted-types-for 'script'\r\n"));
  CHECK(has(page, "<script nonce=\"NONCE\">"));
  const std::string body = page.substr(page.find("<!doctype"));
  CHECK(has(body, "<h3>Connections</h3>"));
  for (const char* sign : {"http:", "https:", "//", "innerHTML", "eval(", " style=", " on"})
    if (std::string_view(sign) != " on") CHECK_FALSE(has(body, sign));
}

TEST_CASE("another host is refused whatever the path, but for a UNIX socket") {
  for (const char* path : {"/", "/status", "/metrics", "/health"})
    CHECK(get(path, "evil.example:9090").starts_with("HTTP/1.1 403 "));
  CHECK(ask("GET /health HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 403 "));
  CHECK(ask("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", From::unix_socket)
            .starts_with("HTTP/1.1 200 "));
}

TEST_CASE("other methods are refused, and their bodies not waited for") {
  const std::string head = " /status HTTP/1.1\r\nHost: localhost\r\n";
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const std::string answer = ask(method + head + "Content-Length: 1000000\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 405 "));
    CHECK(has(answer, "Allow: GET, HEAD\r\n"));
  }
  CHECK(ask("POST" + head + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            .starts_with("HTTP/1.1 405 "));
  const std::string head_only = ask("HEAD" + head + "\r\n");
  CHECK(head_only.starts_with("HTTP/1.1 200 "));
  CHECK(head_only.ends_with("\r\n\r\n"));
}

TEST_CASE("a thousand ranges are one answer") {
  std::string ranges = "bytes=0-0";
  for (int i = 0; i < 900; ++i) ranges += ",0-";
  const std::string answer =
      ask("GET /status HTTP/1.1\r\nHost: localhost\r\nRange: " + ranges + "\r\n\r\n");
  CHECK_LT(answer.size(), 2000);
}

TEST_CASE("what is no HTTP has its 400 or nothing, and nobody is asked") {
  for (const std::string head :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
        "GET / HTTP/1.1\r\nHost localhost\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: "
        "chunked\r\n\r\n"}) {
    CAPTURE(head);
    const std::string answer = respond(head, [](const Request&) {
      FAIL("it was taken for a request");
      return Response{};
    });
    CHECK((answer.empty() || answer.starts_with("HTTP/1.1 400 ")));
  }
}

TEST_CASE("another machine needs the token, except for its health") {
  const RemoteAccess remote_access{{}, "0123456789abcdef"};
  const auto get = [&](const std::string& path, const std::string& header) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: relay.example:9090\r\n" + header + "\r\n",
               From::elsewhere, remote_access);
  };
  for (const char* path : {"/", "/live", "/status", "/metrics", "/table", "/nothing"}) {
    CAPTURE(path);
    for (const char* header :
         {"", "Authorization: Bearer 0123456789abcdeg\r\n", "Authorization: Bearer \r\n",
          "Authorization: Bearer 0123456789abcdef0\r\n", "Authorization: 0123456789abcdef\r\n",
          "Authorization: Basic 0123456789abcdef\r\n"}) {
      CAPTURE(header);
      const std::string refused = get(path, header);
      CHECK(refused.starts_with("HTTP/1.1 401 "));
      CHECK(has(refused, "WWW-Authenticate: Bearer\r\n"));
      CHECK_FALSE(has(refused, "0123456789abcdef"));
    }
  }
  CHECK(get("/metrics", "Authorization: Bearer 0123456789abcdef\r\n").starts_with("HTTP/1.1 200 "));
  CHECK(get("/health", "").starts_with("HTTP/1.1 200 "));
  CHECK(get("/ready", "").starts_with("HTTP/1.1 200 "));
  // this machine needs none
  CHECK(ask("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n", From::this_machine, remote_access)
            .starts_with("HTTP/1.1 200 "));
}

TEST_CASE("without a token another machine's browser sees no more than numbers by a name") {
  const RemoteAccess remote_access{{*config::range("192.0.2.0/24")}, ""};
  const auto get = [&](const std::string& path, const std::string& host) {
    return ask("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n", From::elsewhere,
               remote_access);
  };
  for (const char* host : {"192.0.2.1", "192.0.2.1:9090", "[2001:db8::1]", "[2001:db8::1]:9090"}) {
    CAPTURE(host);
    CHECK(get("/status", host).starts_with("HTTP/1.1 200 "));
  }
  for (const char* host : {"evil.example", "evil.example:9090", "", "192.0.2.1.evil.example"}) {
    CAPTURE(host);
    CHECK(get("/status", host).starts_with("HTTP/1.1 403 "));
    CHECK(get("/metrics", host).starts_with("HTTP/1.1 200 "));
  }
  CHECK(remote_access.admits(config::range("192.0.2.7")->first));
  CHECK_FALSE(remote_access.admits(config::range("198.51.100.1")->first));
}

TEST_CASE("a tunnel is ready while each open service has a target that can be reached") {
  Snapshot snapshot;
  snapshot.services.push_back({});
  snapshot.services[0].name = "vnc";
  snapshot.services[0].state = "open";
  const auto ready = [&] {
    return ask("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n", From::this_machine, {}, snapshot);
  };
  CHECK(ready().ends_with("\r\n\r\nok\n"));
  snapshot.services[0].reachable = false;
  CHECK(ready().starts_with("HTTP/1.1 503 "));
  CHECK(ready().ends_with("\r\n\r\nvnc: no target can be reached\n"));
  snapshot.services[0].state = "closed";
  CHECK(ready().starts_with("HTTP/1.1 200 "));
  snapshot.draining = true;
  CHECK(ready().starts_with("HTTP/1.1 503 "));
}

}  // namespace
}  // namespace tunnel::status
