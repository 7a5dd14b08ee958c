// Refusals in the formats of VNC, HTTP and SSH.
#include "protocol/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"

namespace tunnel {

namespace {

// Longer than any reason that tunnel gives; OpenSSH shows 400 bytes.
constexpr std::size_t longest_reason = 1000;

std::string reason_of(const Error& why) {
  return ("tunnel: " + why.message()).substr(0, longest_reason);
}

// Viewers show the reason in a window, and some don't break lines.
std::string in_lines(std::string text) {
  constexpr std::size_t width = 72;
  std::size_t begin = 0;
  std::size_t blank = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') blank = i;
    if (i - begin >= width && blank > begin) {
      text[blank] = '\n';
      begin = blank + 1;
    }
  }
  return text;
}

std::string number(std::size_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

// A string with its length in front.
std::string length_prefixed(std::string_view text) {
  return number(text.size()) + std::string(text);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::string_view title = "the tunnel could not open";

std::string page(const Error& why) {
  std::string out = fmt::format(
      "<!doctype html>\n"
      "<html lang=\"en\">\n"
      "<head>\n"
      "<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<title>502: {0}</title>\n"
      "<style>body {{ font: 1.1em/1.5 sans-serif; max-width: 40em; margin: 3em auto; "
      "padding: 0 1em; overflow-wrap: anywhere }} h1 {{ font-size: 1.4em }}</style>\n"
      "</head>\n"
      "<body>\n"
      "<h1>502: {0}</h1>\n"
      "<p>{1}</p>\n",
      title, in_markup(why.what));
  if (!why.hint.empty())
    out += fmt::format("<p><strong>next:</strong> {}</p>\n", in_markup(why.hint));
  return out + "</body>\n</html>\n";
}

std::string plain_text(const Error& why) {
  std::string out = fmt::format("502: {}\n{}\n", title, why.what);
  if (!why.hint.empty()) out += fmt::format("next: {}\n", why.hint);
  return out;
}

// Whether the Accept field names HTML. "*/*" alone is a program, or a person at a terminal.
bool wants_page(std::string_view head) {
  std::string lines(head);
  std::transform(lines.begin(), lines.end(), lines.begin(), lower);
  for (std::size_t at = lines.find("\naccept:"); at != lines.npos;
       at = lines.find("\naccept:", at + 1)) {
    const std::string_view line =
        std::string_view(lines).substr(at + 1, lines.find('\n', at + 1) - at - 1);
    if (line.find("text/html") != line.npos) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> vnc_refusal(std::string_view version, const Error& why) {
  const auto is_number = [version](std::size_t at) {
    return std::all_of(version.begin() + static_cast<std::ptrdiff_t>(at),
                       version.begin() + static_cast<std::ptrdiff_t>(at + 3),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  if (version.size() != vnc_version.size() || !version.starts_with("RFB ") || version[7] != '.' ||
      version[11] != '\n' || !is_number(4) || !is_number(8))
    return std::nullopt;
  // three digits compare as text; 3.5 does not exist, and is treated as 3.3
  const bool has_security_list = version.substr(4, 7) >= "003.007";
  // an empty list of security types, or type 0 in four bytes for 3.3
  const std::string none(has_security_list ? 1 : 4, '\0');
  return none + length_prefixed(in_lines(reason_of(why)));
}

bool is_whole_http_head(std::string_view bytes) {
  return bytes.find("\r\n\r\n") != bytes.npos || bytes.find("\n\n") != bytes.npos;
}

std::string http_refusal(std::string_view head, const Error& why) {
  const bool as_page = wants_page(head);
  const std::string body = as_page ? page(why) : plain_text(why);
  std::string out = fmt::format(
      "HTTP/1.1 502 Bad Gateway\r\n"
      "Content-Type: {}; charset=utf-8\r\n"
      "Content-Length: {}\r\n"
      "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
      "Cache-Control: no-store\r\n"
      "Connection: close\r\n"
      "\r\n",
      as_page ? "text/html" : "text/plain", body.size());
  if (!head.starts_with("HEAD ")) out += body;
  return out;
}

std::string ssh_refusal(const Error& why) {
  constexpr char disconnect = 1;
  constexpr std::size_t service_not_available = 7;
  constexpr std::size_t block = 8;
  constexpr std::size_t shortest_padding = 4;
  const std::string payload = disconnect + number(service_not_available) +
                              length_prefixed(reason_of(why)) + length_prefixed("");
  // packet length, padding length, payload and padding fill whole blocks
  std::size_t padding = block - (4 + 1 + payload.size()) % block;
  if (padding < shortest_padding) padding += block;
  return "SSH-2.0-tunnel\r\n" + number(1 + payload.size() + padding) + static_cast<char>(padding) +
         payload + std::string(padding, '\0');
}

}  // namespace tunnel
