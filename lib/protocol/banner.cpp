// Ports, words and patterns of each protocol.
#include "protocol/banner.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <utility>

#include "base/text.hpp"
#include "protocol/detect.hpp"

namespace tunnel {

namespace {

using std::chrono::seconds;

struct Entry {
  BannerProtocol protocol;
  Protocol detected;
  std::array<std::string_view, 3> words;
  std::array<std::uint16_t, 5> ports;
  std::array<std::string_view, 2> openings = {};  // of a banner that may say no more
};

// Generous, since a device on a mobile network takes seconds to be woken. A mail server may delay
// its banner on purpose, to find out clients that don't wait.
constexpr Entry entries[] = {
    {{"VNC", seconds(10)}, Protocol::vnc, {"vnc", "rfb"}, {5900}},  // and up to 5999
    {{"SSH", seconds(10)}, Protocol::ssh, {"ssh", "sftp"}, {22, 2222}},
    {{"SMTP", seconds(30)},
     Protocol::smtp,
     {"smtp", "smtps", "lmtp"},
     {24, 25, 465, 587, 2525},
     {"220"}},
    {{"FTP", seconds(20)}, Protocol::ftp, {"ftp", "ftps"}, {21, 990}, {"220"}},
    {{"IMAP", seconds(10)}, Protocol::imap, {"imap", "imaps"}, {143, 993}},
    {{"POP3", seconds(10)}, Protocol::pop3, {"pop3", "pop3s"}, {110, 995}, {"+OK"}},
    {{"NNTP", seconds(10)}, Protocol::nntp, {"nntp", "nntps"}, {119, 563}, {"200", "201"}},
    {{"MySQL", seconds(10)}, Protocol::mysql, {"mysql", "mariadb"}, {3306}},
};
constexpr const Entry& vnc_entry = entries[0];
constexpr const Entry& ssh_entry = entries[1];

const Entry& entry_of(const BannerProtocol& protocol) {
  return *std::ranges::find_if(
      entries, [&](const Entry& entry) { return entry.protocol.name == protocol.name; });
}

// Three digits begin each line: RFC 5321, RFC 959 and RFC 3977.
bool speaks_in_codes(const Entry& entry) {
  return entry.detected == Protocol::smtp || entry.detected == Protocol::ftp ||
         entry.detected == Protocol::nntp;
}

bool is_alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, is_alphanumeric);
    const std::string word = lower_case(std::string_view(text.begin(), end));
    if (!word.empty()) visit(word);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
}

// "vnc2" is a second "vnc", but the digit of "pop3" is a part of the name.
bool is_word_of(const Entry& entry, std::string_view word) {
  const auto without_digits = word.substr(0, word.find_last_not_of("0123456789") + 1);
  return std::ranges::any_of(entry.words, [&](std::string_view known) {
    return !known.empty() && (word == known || without_digits == known);
  });
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t out = 0;
  for (const char c : bytes.substr(0, 4)) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// After its version a VNC server waits, so anything else is a refusal in the format of RFC 6143
// section 7.1.2: no security type, as a number of four bytes (3.3) or of one, and the reason.
std::string reason_in_vnc_refusal(std::string_view bytes) {
  constexpr std::size_t version_size = 12;
  if (!bytes.starts_with("RFB ") || bytes.size() <= version_size) return {};
  bytes.remove_prefix(version_size);
  // no reason is so long that its size begins with anything but 0
  const std::size_t none = bytes.starts_with(std::string_view("\0\0\0\0\0", 5)) ? 4 : 1;
  if (bytes.front() != '\0' || bytes.size() < none + 4) return {};
  const std::uint32_t size = big_endian(bytes.substr(none));
  return std::string(bytes.substr(none + 4, size));
}

// The first packet of a server that refuses: an error's number, and its text. The protocol's state
// may stand between them.
std::string reason_in_mysql_refusal(std::string_view bytes) {
  constexpr std::size_t text_at = 7;
  if (bytes.size() <= text_at || bytes[4] != '\xff') return {};
  bytes.remove_prefix(text_at);
  if (bytes.front() == '#' && bytes.size() > 6) bytes.remove_prefix(6);
  return std::string(bytes);
}

bool starts_with_any(std::string_view line, std::initializer_list<std::string_view> starts) {
  return std::ranges::any_of(starts, [&](auto start) { return line.starts_with(start); });
}

// A line that OpenSSH, or what listens in its place, sends instead of its version.
bool is_ssh_refusal(std::string_view line) {
  return starts_with_any(line, {"Not allowed at this time", "Exceeded MaxStartups",
                                "Exceeded connection rate", "Too many connections"});
}

bool has_ssh_version(std::string_view bytes) {
  return bytes.starts_with("SSH-") || bytes.find("\nSSH-") != bytes.npos;
}

}  // namespace

const BannerProtocol* banner_protocol_at(std::uint16_t port) {
  if (port >= 5900 && port <= 5999) return &vnc_entry.protocol;
  for (const Entry& entry : entries)
    if (port != 0 && std::ranges::count(entry.ports, port) != 0) return &entry.protocol;
  return nullptr;
}

const BannerProtocol* banner_protocol_named(std::string_view service) {
  const BannerProtocol* found = nullptr;
  bool web = false;  // a page about it, or a client of it, in a browser
  for_each_word(service, [&](const std::string& word) {
    web = web || word == "web" || word == "http" || word == "https" || word == "novnc";
    for (const Entry& entry : entries)
      if (found == nullptr && is_word_of(entry, word)) found = &entry.protocol;
  });
  return web ? nullptr : found;
}

const BannerProtocol& vnc_banner() { return vnc_entry.protocol; }
const BannerProtocol& ssh_banner() { return ssh_entry.protocol; }

std::string_view client_first_protocol_at(std::uint16_t port) {
  static constexpr std::pair<std::uint16_t, std::string_view> all[] = {
      {80, "HTTP"},     {389, "LDAP"},        {443, "HTTP"},   {502, "Modbus"}, {554, "RTSP"},
      {631, "IPP"},     {636, "LDAP"},        {853, "DNS"},    {1883, "MQTT"},  {3389, "RDP"},
      {4840, "OPC UA"}, {5432, "PostgreSQL"}, {6379, "Redis"}, {8000, "HTTP"},  {8080, "HTTP"},
      {8443, "HTTP"},   {8883, "MQTT"}};
  for (const auto& [known, name] : all)
    if (known == port) return name;
  return {};
}

bool is_banner_of(const BannerProtocol& protocol, std::string_view bytes) {
  const Entry& entry = entry_of(protocol);
  // RFC 4253 section 4.2 allows lines before the version
  if (&entry == &ssh_entry && has_ssh_version(bytes)) return true;
  const Protocol found = detect_server(bytes, true).protocol;
  const bool opens = std::ranges::any_of(entry.openings, [&](std::string_view opening) {
    return !opening.empty() && bytes.starts_with(opening);
  });
  if (found == Protocol::unknown && opens) return true;
  return found == entry.detected || !refusal_in(bytes, &protocol).empty();
}

std::string refusal_in(std::string_view bytes, const BannerProtocol* protocol) {
  const std::string_view line = first_line(bytes);
  const Protocol found = detect_server(bytes, true).protocol;
  // another protocol's refusal says nothing about this one
  if (protocol != nullptr && found != Protocol::unknown && found != entry_of(*protocol).detected)
    return {};
  switch (found) {
    case Protocol::vnc:
      return reason_in_vnc_refusal(bytes);
    case Protocol::mysql:
      return reason_in_mysql_refusal(bytes);
    case Protocol::imap:
      return line.starts_with("* BYE") ? std::string(line) : std::string();
    case Protocol::pop3:
      return line.starts_with("-ERR") ? std::string(line) : std::string();
    case Protocol::smtp:
    case Protocol::ftp:
      return line.starts_with("220") ? std::string() : std::string(line);
    case Protocol::unknown:
      break;
    default:
      return {};
  }
  if (protocol == nullptr || has_ssh_version(bytes)) return {};
  const Entry& entry = entry_of(*protocol);
  // Redis begins an error so too
  if (entry.detected == Protocol::pop3 && line.starts_with("-ERR")) return std::string(line);
  // other codes of RFC 5321, RFC 959 and RFC 3977 than the ones by which they are detected
  if (speaks_in_codes(entry) && line.size() > 3 && (line[0] == '4' || line[0] == '5') &&
      std::isdigit(static_cast<unsigned char>(line[1])) != 0 &&
      std::isdigit(static_cast<unsigned char>(line[2])) != 0)
    return std::string(line);
  if (&entry == &ssh_entry && is_ssh_refusal(line)) return std::string(line);
  return {};
}

}  // namespace tunnel
