// Any bytes as the offer of a relay.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/load.hpp"
#include "config/relay_offer.hpp"
#include "config/values.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  static_cast<void>(config::is_whole_offer(text));
  const auto offer = config::relay_offer(text, now);
  if (!offer) {
    // what is said of it is safe to print
    for (const char c : offer.error().message())
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
    return 0;
  }
  // what is read is a target, and a service with it is right or is refused
  if (!config::host_port(offer->target.text(), false)) std::abort();
  const auto validated = config::load_text(
      "[service.a]\nclient = true\naccept = 1\nopen_for = \"1h\"\n", "a.toml", "",
      {{"--connect", "connect", "-", *offer}}, [](const std::string&) { return std::nullopt; });
  if (validated.mistakes.empty() &&
      validated.config.services.at(0).connect.at(0) != config::SocketAddress(offer->target))
    std::abort();
  return 0;
}
