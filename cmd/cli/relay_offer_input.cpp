// Reads an offer from standard input.
#include "cmd/cli/relay_offer_input.hpp"

#include <chrono>
#include <cstdio>
#include <string>

#include "cmd/cli/exit_status.hpp"
#include "os/terminal/terminal.hpp"

namespace tunnel::cmd {

namespace {

// Of a program that prints several lines, or of jq.
constexpr std::chrono::milliseconds pause_between_lines{100};

}  // namespace

Result<config::RelayOffer> read_offer(RestOfInput rest) {
  if (os::is_terminal(stdin))
    print(stderr, "paste the relay's HOST:PORT, or the JSON with which its API answered:\n");
  std::setvbuf(stdin, nullptr, _IONBF, 0);
  std::string text;
  bool whole = false;
  for (int c = std::getc(stdin); c != EOF; c = std::getc(stdin)) {
    text += static_cast<char>(c);
    if (text.size() > config::longest_offer) break;
    if (c != '\n') continue;
    whole = whole || config::is_whole_offer(text);
    if (!whole) continue;
    if (rest == RestOfInput::the_commands || !os::has_input(stdin, pause_between_lines)) break;
  }
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return config::relay_offer(text, now);
}

}  // namespace tunnel::cmd
