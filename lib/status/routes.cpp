// The paths, and the headers of every response.
#include "status/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/values.hpp"
#include "status/render/render.hpp"

namespace tunnel::status {

namespace {

constexpr std::string_view text_type = "text/plain; charset=utf-8";

Response plain(int status, std::string body) {
  return {status, std::string(text_type), std::move(body)};
}

Response ready(const Snapshot& snapshot) {
  std::string out = snapshot.draining ? "stopping\n" : "";
  for (const ServiceStatus& service : snapshot.services)
    if (service.state == "open" && !service.reachable)
      out += one_line(service.name) + ": no target can be reached\n";
  return out.empty() ? plain(200, "ok\n") : plain(503, out);
}

Response route(const std::string& path, const Snapshot& snapshot, const Snapshot* earlier,
               const std::string& nonce) {
  if (path == "/") {
    Response out{200, "text/html; charset=utf-8", as_page(snapshot, earlier, nonce)};
    out.headers.emplace_back(
        "Content-Security-Policy",
        fmt::format("default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; "
                    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                    "frame-ancestors 'none'; require-trusted-types-for 'script'",
                    nonce));
    return out;
  }
  // of the page, for its script
  if (path == "/live") return {200, "text/html; charset=utf-8", as_live_part(snapshot, earlier)};
  if (path == "/status") return {200, "application/json", as_json(snapshot)};
  if (path == "/metrics")
    return {200, "text/plain; version=0.0.4; charset=utf-8", as_metrics(snapshot)};
  if (path == "/table") return plain(200, as_table(snapshot, earlier));
  if (path == "/health") return snapshot.draining ? plain(503, "stopping\n") : plain(200, "ok\n");
  if (path == "/ready") return ready(snapshot);
  return plain(404, "there is /, /status, /metrics, /health, /ready and /table\n");
}

// Without a branch that depends on where they differ.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

// The name or address in a Host header, without the port and brackets; empty if it is malformed.
std::string_view host_in(std::string_view header) {
  if (!header.starts_with('[')) return header.substr(0, header.rfind(':'));
  const auto close = header.find(']');
  const bool whole =
      close != header.npos && (close + 1 == header.size() || header[close + 1] == ':');
  return whole ? header.substr(1, close - 1) : std::string_view();
}

// Why a request from another machine is refused.
std::optional<Response> refusal_elsewhere(const Request& request,
                                          const RemoteAccess& remote_access) {
  if (request.path == "/health" || request.path == "/ready") return std::nullopt;
  constexpr std::string_view scheme = "Bearer ";
  if (!remote_access.token.empty()) {
    const std::string_view shown = request.authorization;
    if (shown.starts_with(scheme) && same_secret(shown.substr(scheme.size()), remote_access.token))
      return std::nullopt;
    Response out = plain(401,
                         "this needs the header Authorization: Bearer TOKEN, with the token of "
                         "[status] token_file\n");
    out.headers.emplace_back("WWW-Authenticate", "Bearer");
    return out;
  }
  // a page of another site may have rebound its name to this address; it sees no more than numbers
  if (request.path != "/metrics" && !is_address(host_in(request.host)))
    return plain(403, "without [status] token_file this is for http://ADDRESS only: no name\n");
  return std::nullopt;
}

}  // namespace

bool is_own_host(std::string_view host) { return is_loopback_host(host_in(host)); }

bool RemoteAccess::admits(const config::Address& address) const {
  return allow.empty() || std::ranges::any_of(allow, [&](const config::Range& range) {
           return range.contains(address);
         });
}

Response answer(const Request& request, const Snapshot& snapshot, const Snapshot* earlier,
                From from, const RemoteAccess& remote_access, const std::string& nonce) {
  Response out;
  const auto refused =
      from == From::elsewhere ? refusal_elsewhere(request, remote_access) : std::nullopt;
  if (refused) {
    out = *refused;
  } else if (from == From::this_machine && !is_own_host(request.host)) {
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
