// HTTP as the status needs it: one request without a body, one response, then the end.
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
  std::string host;  // the header; empty where there is none
};

struct Response {
  int status = 200;
  std::string type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// The bytes of the response to a request's head, which ends with an empty line. What is no request
// gets its 400 without asking `handle`.
std::string respond(const std::string& head, const std::function<Response(const Request&)>& handle);

// What a running tunnel serves at that path; bounded in time and size.
Result<std::string> fetch(const config::StatusListen& from, const std::string& path);

}  // namespace tunnel::status
