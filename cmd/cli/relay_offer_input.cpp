// Reads an offer from standard input.
#include "cmd/cli/relay_offer_input.hpp"

#include <chrono>
#include <cstdio>
#include <string>

#include "cmd/cli/exit_status.hpp"
#include "os/terminal/terminal.hpp"

namespace tunnel::cmd {

Result<config::RelayOffer> read_offer() {
  if (os::is_terminal(stdin))
    print(stderr, "paste the relay's HOST:PORT, or the JSON with which its API answered:\n");
  std::setvbuf(stdin, nullptr, _IONBF, 0);
  std::string text;
  for (int c = std::getc(stdin); c != EOF; c = std::getc(stdin)) {
    text += static_cast<char>(c);
    if (text.size() > config::longest_offer) break;
    if (c == '\n' && config::is_whole_offer(text)) break;
  }
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return config::relay_offer(text, now);
}

}  // namespace tunnel::cmd
