// Any bytes as the head of a request for the status: one answer, bounded, and none to a strange
// host.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "status/routes.hpp"
#include "status/status_http.hpp"

namespace {

using namespace tunnel::status;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string head(reinterpret_cast<const char*>(data), size);
  const Snapshot snapshot;
  const RemoteAccess remote_access{{}, "0123456789abcdef"};
  for (const From from : {From::unix_socket, From::this_machine, From::elsewhere}) {
    std::size_t asked = 0;
    const std::string response = respond(head, [&](const Request& request) {
      ++asked;
      Response out = answer(request, snapshot, nullptr, from, remote_access, "nonce");
      require(from != From::this_machine || is_own_host(request.host) || out.status == 403);
      require(from != From::elsewhere || out.status == 401 || request.path == "/health" ||
              request.path == "/ready" || request.authorization == "Bearer " + remote_access.token);
      return out;
    });
    require(asked <= 1);
    require(response.empty() || response.starts_with("HTTP/1.1 "));
    require(response.size() < 65536);
  }
  return 0;
}
