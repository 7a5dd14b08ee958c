// The paths, and the headers of every response.
#include "status/routes.hpp"

#include <fmt/format.h>

#include "base/host.hpp"
#include "config/values.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

constexpr std::string_view text_type = "text/plain; charset=utf-8";

Response plain(int status, std::string body) {
  return {status, std::string(text_type), std::move(body)};
}

Response route(const std::string& path, const Snapshot& snapshot, const Snapshot* earlier,
               const std::string& nonce) {
  if (path == "/") {
    Response out{200, "text/html; charset=utf-8", page(nonce)};
    out.headers.emplace_back(
        "Content-Security-Policy",
        fmt::format("default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; "
                    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                    "frame-ancestors 'none'; require-trusted-types-for 'script'",
                    nonce));
    return out;
  }
  if (path == "/status") return {200, "application/json", as_json(snapshot)};
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", as_metrics(snapshot)};
  if (path == "/table") return plain(200, as_table(snapshot, earlier));
  if (path == "/health") return snapshot.draining ? plain(503, "stopping\n") : plain(200, "ok\n");
  return plain(404, "there is /, /status, /metrics, /health and /table\n");
}

}  // namespace

bool is_own_host(std::string_view host) {
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    return close != host.npos && host.substr(1, close - 1) == "::1" &&
           (close + 1 == host.size() || host[close + 1] == ':');
  }
  host = host.substr(0, host.rfind(':'));
  return host == "localhost" || (is_ipv4(host) && host.starts_with("127."));
}

Response answer(const Request& request, const Snapshot& snapshot, const Snapshot* earlier,
                bool local, const std::string& nonce) {
  Response out;
  if (!local && !is_own_host(request.host)) {
    out = plain(403,
                "this is for http://127.0.0.1, http://[::1] and http://localhost only: no other "
                "name is this machine's\n");
  } else if (request.method != "GET" && request.method != "HEAD") {
    out = plain(405, "GET and HEAD are all there is\n");
    out.headers.emplace_back("Allow", "GET, HEAD");
  } else {
    out = route(request.path, snapshot, earlier, nonce);
  }
  out.headers.emplace_back("Cache-Control", "no-store");
  out.headers.emplace_back("X-Content-Type-Options", "nosniff");
  out.headers.emplace_back("X-Frame-Options", "DENY");
  out.headers.emplace_back("Referrer-Policy", "no-referrer");
  out.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  return out;
}

}  // namespace tunnel::status
