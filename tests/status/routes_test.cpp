// Requests that are answered, and those that are refused: hosts, methods, and bytes that are no
// HTTP.
#include "status/routes.hpp"

#include <doctest/doctest.h>

namespace tunnel::status {
namespace {

std::string ask(const std::string& head, bool local = false) {
  Snapshot snapshot;
  return respond(head, [&](const Request& request) {
    return answer(request, snapshot, nullptr, local, "NONCE");
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
  CHECK(has(body, "<h2>Services</h2>"));
  for (const char* sign : {"http:", "https:", "//", "innerHTML", "eval(", " style=", " on"})
    if (std::string_view(sign) != " on") CHECK_FALSE(has(body, sign));
}

TEST_CASE("another host is refused whatever the path, but for a UNIX socket") {
  for (const char* path : {"/", "/status", "/metrics", "/health"})
    CHECK(get(path, "evil.example:9090").starts_with("HTTP/1.1 403 "));
  CHECK(ask("GET /health HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 403 "));
  CHECK(
      ask("GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", true).starts_with("HTTP/1.1 200 "));
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

}  // namespace
}  // namespace tunnel::status
