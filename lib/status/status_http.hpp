// HTTP for the status: one request without a body, one response, then the connection closes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"

namespace tunnel::status {

struct Request {
  std::string method;
  std::string path;
  std::string host;           // the header; empty if absent
  std::string authorization;  // likewise
};

struct Response {
  int status = 200;
  std::string type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Returns the bytes of the response to a request's head, which ends with an empty line. A malformed
// head gets a 400 without calling `handle`.
std::string respond(const std::string& head, const std::function<Response(const Request&)>& handle);

// Fetches that path from a running tunnel; bounded in time and size.
Result<std::string> fetch(const config::SocketAddress& from, const std::string& path);

}  // namespace tunnel::status
