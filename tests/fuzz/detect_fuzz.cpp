// Any bytes as a peer's first bytes, and as the request of a client that is refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "protocol/banner.hpp"
#include "protocol/detect.hpp"
#include "protocol/refusal.hpp"

namespace {

using namespace tunnel;

void require(bool holds) {
  if (!holds) std::abort();
}

// A decision stays the same, however the bytes are split.
template <class Detect>
void split_at_every_byte(std::string_view bytes, Detect detect) {
  Detection before{Protocol::unknown, true};
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    // a copy of the exact size, so that ASan sees a read past the end
    const std::string part(bytes.substr(0, n));
    const Detection now = detect(part, false);
    require(!now.more || now.protocol == Protocol::unknown);
    if (!before.more) require(now == before);
    before = now;
    const Detection last = detect(part, true);
    require(!last.more);
    if (!before.more) require(last == before);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view beginning = bytes.substr(0, 64);
  split_at_every_byte(beginning, detect_server);
  split_at_every_byte(beginning, detect_client);
  require(!is_client_hello(beginning) || detect_client(beginning).protocol == Protocol::tls);
  const std::string_view line = first_line(beginning);
  require(line.find_first_of("\r\n") == line.npos);

  static constexpr std::uint16_t ports[] = {5900, 22, 25, 143, 110, 119, 3306};
  for (const std::uint16_t port : ports) {
    const std::string whole(bytes);
    const BannerProtocol* expected = banner_protocol_at(port);
    const std::string refusal = refusal_in(whole, expected);
    require(refusal.size() <= whole.size());
    require(refusal.empty() || is_banner_of(*expected, whole));
    refusal_in(whole, nullptr);
  }
  banner_protocol_named(bytes);

  // the reason quotes the peer, and the response contains it and nothing else
  const Error why{"it said \"" + escaped(bytes, 40) + "\"", "see above"};
  const std::string response = http_refusal(bytes, why);
  const std::size_t body = response.find("\r\n\r\n");
  require(body != response.npos);
  const std::string length =
      "\r\nContent-Length: " + std::to_string(response.size() - body - 4) + "\r\n";
  require(bytes.starts_with("HEAD ") || response.find(length) < body);
  require(!bytes.starts_with("HEAD ") || response.size() == body + 4);
  is_whole_http_head(bytes);

  const auto to_viewer = vnc_refusal(bytes.substr(0, vnc_version.size()), why);
  if (to_viewer) require(bytes.starts_with("RFB ") && to_viewer->size() > 5);
  const std::string to_ssh = ssh_refusal(why);
  require((to_ssh.size() - std::string_view("SSH-2.0-tunnel\r\n").size()) % 8 == 0);
  return 0;
}
