// A ClientHello taken apart (RFC 8446 section 4.1.2).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace tunnel::test {

struct ClientHello {
  std::vector<std::uint16_t> suites;
  std::size_t suites_at = 0;  // where the first stands in the record
  std::map<std::uint16_t, std::string> extensions;

  // The host_name of server_name (RFC 6066 section 3), or an empty string.
  std::string server_name() const {
    const auto found = extensions.find(0);
    return found == extensions.end() ? std::string() : found->second.substr(5);
  }
  // The numbers in an extension that holds one list of them.
  std::vector<std::uint16_t> list(std::uint16_t extension, std::size_t prefix) const {
    std::vector<std::uint16_t> out;
    const std::string& body = extensions.at(extension);
    for (std::size_t i = prefix; i + 1 < body.size(); i += 2)
      out.push_back(static_cast<std::uint16_t>(static_cast<unsigned char>(body[i]) << 8 |
                                               static_cast<unsigned char>(body[i + 1])));
    return out;
  }
};

inline ClientHello parse_client_hello(std::span<const std::byte> record) {
  std::size_t at = 0;
  const auto number = [&](std::size_t size) {
    std::size_t value = 0;
    for (; size > 0; --size) {
      if (at >= record.size()) throw std::runtime_error("the ClientHello is cut short");
      value = value << 8 | static_cast<std::size_t>(record[at++]);
    }
    return value;
  };
  if (number(1) != 22) throw std::runtime_error("no handshake record");
  number(2);
  if (number(2) != record.size() - 5) throw std::runtime_error("not one record");
  if (number(1) != 1) throw std::runtime_error("no ClientHello");
  number(3);
  at += 2 + 32;
  at += number(1);
  ClientHello out;
  std::size_t suites = number(2);
  out.suites_at = at;
  for (; suites > 0; suites -= 2) out.suites.push_back(static_cast<std::uint16_t>(number(2)));
  at += number(1);
  const std::size_t end = number(2) + at;
  while (at < end) {
    const auto type = static_cast<std::uint16_t>(number(2));
    const std::size_t size = number(2);
    out.extensions[type] = {reinterpret_cast<const char*>(record.data()) + at, size};
    at += size;
  }
  return out;
}

}  // namespace tunnel::test
