// Addresses that others can reach need a list of them, or a token.
#include "config/sections/status_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "config/sections/access_section.hpp"

namespace tunnel::config {

Result<SocketAddress> status_address(std::string_view text, const std::filesystem::path& folder) {
  auto address = read_address(text, folder, true);
  // the hints of read_address() name a relay, or the socket of a service
  if (!address)
    return Error{address.error().what,
                 text.starts_with("unix:") ? "unix:/run/tunnel/status.sock" : "127.0.0.1:9090"};
  if (address->inherited() != nullptr)
    return Error{"systemd passes sockets for services, none for the status", "127.0.0.1:9090"};
  return address;
}

namespace {

// The file's one word.
std::string read_token(TableReader& reader, const Text& file, const std::filesystem::path& path) {
  constexpr std::size_t shortest = 16;
  constexpr std::size_t longest = 4096;
  const auto refuse = [&](Error why) {
    reader.mistake(file.place, "token_file", std::move(why.what), std::move(why.hint));
    return std::string();
  };
  const os::FileView& files = reader.environment().files();
  const auto content = files.read(path, longest);
  if (!content)
    return refuse(files.why_unreadable(path).value_or(
        Error{fmt::format("{} is longer than {} bytes", shown(path), longest),
              fmt::format("it must hold one word of {} letters or more", shortest)}));
  const std::string_view token = trimmed(*content);
  const bool printable =
      std::ranges::all_of(token, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (token.size() < shortest || !printable)
    return refuse(
        {fmt::format("{} must hold one word of {} letters or more", shown(path), shortest),
         "openssl rand -hex 32 makes one"});
  return std::string(token);
}

}  // namespace

std::optional<Status> read_status(TableReader& reader, const std::filesystem::path& folder) {
  std::optional<Status> out;
  const auto listen = reader.text("listen");
  if (listen) {
    auto read = status_address(listen->value, folder);
    if (read)
      out = Status{std::move(*read), {}, {}, {}, {}};
    else
      reader.mistake(listen->place, "listen", read.error().what,
                     Suggestion::string_setting("listen", read.error().hint));
  }
  std::vector<Range> allow = read_ranges("allow", reader);
  const auto token_file = reader.text("token_file");
  if (out) {
    const HostPort* tcp = out->listen.tcp();
    if (tcp != nullptr && !is_loopback_host(tcp->host) && !reader.has("allow") &&
        !reader.has("token_file"))
      reader.mistake(
          listen->place, "listen",
          fmt::format("\"{}\" can be reached from elsewhere, and nothing says who may ask",
                      quotable(tcp->host)),
          Suggestion::string_setting("allow", "192.0.2.0/24",
                                     ", or token_file = \"status.token\""));
    out->allow = std::move(allow);
    if (token_file) {
      out->place = token_file->place;
      out->token_file = folder / path_of(token_file->value);
      out->token = read_token(reader, *token_file, out->token_file);
    }
  }
  reader.refuse_unknown();
  return out;
}

}  // namespace tunnel::config
