// Parses offers, with nlohmann/json, and merges them into a service.
#include "config/relay_offer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/api_message.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::string_view without_mark(std::string_view text) {
  // PowerShell's pipes start with a byte order mark
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return trimmed(text);
}

// A list and an IPv6 address both start with a bracket.
bool looks_like_json(std::string_view text) {
  if (!text.starts_with('[')) return text.starts_with('{');
  const auto next = text.find_first_not_of(" \t\r\n", 1);
  return next == text.npos || std::string_view("{[]\"").find(text[next]) != std::string_view::npos;
}

constexpr auto what_is_read = "a relay is one line host:port, or the JSON of its API";

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && !found->is_null() ? &*found : nullptr;
}

Error wrong(const char* name, std::string_view expected) {
  return {fmt::format("\"{}\" in the JSON is not {}", name, expected),
          "give the answer of the relay's API as it came"};
}

// The whole number of that name, if present.
Result<std::optional<std::int64_t>> whole_number(const json& object, const char* name,
                                                 std::int64_t max) {
  const json* value = member(object, name);
  if (value == nullptr) return std::optional<std::int64_t>();
  const bool fits =
      value->is_number_unsigned() && value->get<std::uint64_t>() <= static_cast<std::uint64_t>(max);
  if (!fits) return wrong(name, fmt::format("a whole number from 0 to {}", max));
  return std::optional<std::int64_t>(value->get<std::int64_t>());
}

Result<std::optional<std::string>> string(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return wrong(name, "a string");
  return std::optional<std::string>(value->get<std::string>());
}

Result<HostPort> target_of(const json& object) {
  const auto hostname = string(object, "hostname");
  if (!hostname) return hostname.error();
  const auto endpoint = string(object, "endpoint");
  if (!endpoint) return endpoint.error();
  const auto address = string(object, "ipAddress");
  if (!address) return address.error();
  const auto port = whole_number(object, "port", 65535);
  if (!port) return port.error();
  std::optional<HostPort> from_endpoint;
  if (*endpoint) {
    const auto read = host_port(**endpoint, false);
    if (!read) return Error{"\"endpoint\" in the JSON: " + read.error().what, read.error().hint};
    from_endpoint = *read;
  }
  const auto& host = *hostname ? *hostname : *address;
  if (!host && !from_endpoint)
    if (const auto message = api_message(object))
      return Error{"the relay's API made no relay; it says: " + *message,
                   "put that right, then make the relay again"};
  if (from_endpoint && (!host || (!*hostname && !is_address(from_endpoint->host))))
    return *from_endpoint;
  if (!host)
    return Error{"the JSON names no relay: it has neither \"hostname\" nor \"endpoint\"",
                 R"(it looks like {"hostname": "relay.example", "port": 41234})"};
  if (!*port && !from_endpoint)
    return Error{"the JSON has no \"port\"",
                 R"(it looks like {"hostname": "relay.example", "port": 41234})"};
  HostPort target{*host, *port ? static_cast<std::uint16_t>(**port) : from_endpoint->port};
  const auto good = host_port(target.text(), false);
  if (!good) return Error{"the JSON's relay: " + good.error().what, good.error().hint};
  return *good;
}

Result<RelayOffer> from_object(const json& object, WallTime now) {
  RelayOffer offer;
  offer.read = now;
  auto target = target_of(object);
  if (!target) return target.error();
  offer.target = std::move(*target);
  if (const json* tls = member(object, "tlsRequired")) {
    if (!tls->is_boolean()) return wrong("tlsRequired", "true or false");
    offer.tls = tls->get<bool>();
  }
  // the year 9999, and a thousand years
  const auto expires = whole_number(object, "expiredTime", 253'402'300'799'000);
  if (!expires) return expires.error();
  const auto duration = whole_number(object, "duration", 31'556'952'000);
  if (!duration) return duration.error();
  if (*expires)
    offer.expires = WallTime(milliseconds(**expires));
  else if (*duration)
    offer.expires = now + std::chrono::seconds(**duration);
  return offer;
}

std::string text_of(WallTime time) {
  return rfc3339(std::chrono::floor<std::chrono::seconds>(time));
}

// What an error lists of a relay among several.
std::string summary(const json& element, WallTime now) {
  const auto offer = from_object(element, now);
  if (!offer) return "one without an address";
  std::vector<std::string> facts;
  const json* destination = member(element, "destination");
  if (destination != nullptr && destination->is_object())
    if (const auto port = whole_number(*destination, "port", 65535); port && *port)
      facts.push_back(fmt::format("device port {}", **port));
  if (offer->expires)
    facts.push_back((*offer->expires <= now ? "expired at " : "until ") + text_of(*offer->expires));
  const std::string target = offer->target.text();
  return facts.empty() ? target : fmt::format("{} ({})", target, fmt::join(facts, ", "));
}

Error several(std::vector<std::string> relays, std::string hint) {
  constexpr std::size_t most = 10;
  const std::size_t count = relays.size();
  if (count > most) {
    relays.resize(most);
    relays.push_back(fmt::format("{} more", count - most));
  }
  return {fmt::format("{} relays came, where one is wanted: {}", count, joined_with_and(relays)),
          std::move(hint)};
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = trimmed(text.substr(0, end)); !line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() > 1 && text.starts_with('"') && text.ends_with('"');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

Result<RelayOffer> from_lines(std::string_view text, WallTime now) {
  const auto lines = lines_of(text);
  const bool all_targets = std::ranges::all_of(
      lines, [](std::string_view line) { return host_port(line, false).has_value(); });
  if (lines.size() > 1 && all_targets)
    return several({lines.begin(), lines.end()}, "give one of them");
  // jq prints a string with its quotes
  const std::string_view line = without_quotes(text);
  const auto target = host_port(line, false);
  if (target) return RelayOffer{*target, std::nullopt, std::nullopt, now};
  const bool like_a_target =
      line.find_first_of(" \t\r\n") == line.npos && line.find_first_of(".[") != line.npos;
  if (!like_a_target) return Error{"no relay came, but this: " + excerpt(text), what_is_read};
  return Error{target.error().what,
               line.find("://") == line.npos ? std::string(what_is_read) : target.error().hint};
}

Result<RelayOffer> from_list(const json& list, WallTime now) {
  if (list.empty())
    return Error{"the list of relays is empty: there is none to connect to",
                 "make one, and give the answer to that"};
  const json& first = list.front();
  if (list.size() == 1 && first.is_object()) return from_object(first, now);
  if (list.size() == 1 && first.is_string()) return from_lines(first.get<std::string>(), now);
  if (!std::ranges::all_of(list, [](const json& element) { return element.is_object(); }))
    return Error{"the JSON is a list, but not one of relays", what_is_read};
  std::vector<std::string> relays;
  for (const json& element : list) relays.push_back(summary(element, now));
  return several(std::move(relays),
                 "choose one by its place: jq '.[0]' gives the first, jq '.[1]' the second");
}

// The JSON documents in the text, one after another. What is not JSON is the last of them.
std::vector<std::string_view> documents(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t depth = 0;
  bool in_string = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\') {
      ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      ++depth;
    } else if (!in_string && (c == '}' || c == ']') && depth > 0 && --depth == 0) {
      out.push_back(text.substr(begin, at + 1 - begin));
      begin = at + 1;
    }
  }
  if (const auto rest = trimmed(text.substr(begin)); !rest.empty()) out.push_back(rest);
  return out;
}

// The list in {"items": [...]}, a page of a list; else the answer itself.
const json& without_page(const json& answer) {
  if (!answer.is_object() || api_message(answer)) return answer;
  for (const char* name : {"hostname", "endpoint", "ipAddress"})
    if (member(answer, name) != nullptr) return answer;
  const auto lists =
      std::ranges::count_if(answer, [](const json& each) { return each.is_array(); });
  if (lists != 1) return answer;
  return *std::ranges::find_if(answer, [](const json& each) { return each.is_array(); });
}

Result<RelayOffer> from_json(std::string_view text, WallTime now) {
  json list = json::array();
  for (const std::string_view each : documents(text)) {
    json document = json::parse(each, nullptr, false);
    if (document.is_discarded())
      return Error{"this is no JSON, though it begins like it",
                   "give the answer of the relay's API as it came"};
    list.push_back(std::move(document));
  }
  // one answer, or the elements of one: jq prints each by itself
  const json& first = without_page(list.front());
  return from_list(list.size() == 1 && first.is_array() ? first : list, now);
}

// When the service closes by its keys; nothing if it doesn't.
std::optional<WallTime> closes_at(const RawTable& service, WallTime now) {
  if (const RawEntry* until = find(service, "until"))
    if (const auto* time = std::get_if<RawDateTime>(&until->value.value)) return time->instant;
  if (const RawEntry* open_for = find(service, "open_for"))
    if (const auto* text = std::get_if<std::string>(&open_for->value.value))
      if (const auto length = duration(*text); length && length->count() > 0) return now + *length;
  return std::nullopt;
}

void put(RawTable& table, const std::string& key, const Place& place, auto value) {
  std::erase_if(table, [&](const RawEntry& entry) { return entry.key == key; });
  table.push_back({key, place, {place, std::move(value)}});
}

bool is_set_to(const RawTable& service, std::string_view key, bool expected) {
  const RawEntry* entry = find(service, key);
  const bool* value = entry != nullptr ? std::get_if<bool>(&entry->value.value) : nullptr;
  return value != nullptr && *value == expected;
}

// A key that only makes sense with TLS, or `tls = true`; null if there is none.
const RawEntry* key_that_needs_tls(const RawTable& service) {
  static constexpr std::array keys = {"tls", "pin",  "ca",          "verify",     "server_name",
                                      "crl", "cert", "min_version", "max_version"};
  for (const auto key : keys) {
    const RawEntry* entry = find(service, key);
    if (entry != nullptr && (entry->key != "tls" || is_set_to(service, "tls", true))) return entry;
  }
  return nullptr;
}

// The service's keys, and of the defaults those that it doesn't have.
RawTable with_defaults(const RawTable& service, const RawTable* defaults) {
  RawTable out = service;
  if (defaults == nullptr) return out;
  for (const RawEntry& entry : *defaults)
    if (find(service, entry.key) == nullptr) out.push_back(entry);
  return out;
}

}  // namespace

Result<RelayOffer> relay_offer(std::string_view text, WallTime now) {
  if (text.size() > longest_offer)
    return Error{
        fmt::format("what came is longer than {}: that is no relay", bytes_text(longest_offer)),
        what_is_read};
  text = without_mark(text);
  if (text.empty()) return Error{"nothing came: a relay was expected", what_is_read};
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return Error{"what came is UTF-16, and UTF-8 is wanted",
                 "in PowerShell, pipe it rather than write it to a file with >"};
  if (looks_like_json(text)) return from_json(text, now);
  return from_lines(text, now);
}

bool is_whole_offer(std::string_view text) {
  const std::string_view offer = without_mark(text);
  if (offer.empty()) return false;
  return looks_like_json(offer) ? json::accept(offer) : text.find('\n') != text.npos;
}

void apply_offer(const RelayOffer& offer, const Place& place, const std::string& scope,
                 WallTime now, RawTable& service, const RawTable* defaults, Mistakes& mistakes) {
  const RawTable all = with_defaults(service, defaults);
  const bool client = is_set_to(all, "client", true);
  const bool plain = is_set_to(all, "tls", false);
  put(service, "connect", place, offer.target.text());
  if (offer.tls && *offer.tls && plain)
    mistakes.push_back(
        {find(all, "tls")->key_place, scope, "",
         "the relay was made with its TLS option on, and this service says tls = false",
         "for SSH and RDP make the relay anew with that option off; for all else remove "
         "tls = false"});
  if (offer.tls && *offer.tls && !plain && !client)
    mistakes.push_back({place, scope, "",
                        "the relay expects TLS, and this service in server mode sends it plaintext",
                        Suggestion::setting("client", "true")});
  if (offer.tls && !*offer.tls && client && !plain) {
    if (const RawEntry* wish = key_that_needs_tls(all))
      mistakes.push_back(
          {wish->key_place, scope, "",
           fmt::format(
               "the relay was made with its TLS option off, and this service asks for TLS ({})",
               wish->key),
           "make the relay anew with that option on, or remove " + wish->key});
    else
      put(service, "tls", place, false);
  }
  if (!offer.expires) return;
  if (*offer.expires <= now) {
    mistakes.push_back({place, scope, "",
                        fmt::format("the relay's time was up at {}", text_of(*offer.expires)),
                        "make a new relay; if this one is new, set this machine's clock"});
    return;
  }
  // open_for counts from when the offer was read, on reloads too
  if (const auto closes = closes_at(all, offer.read); closes && *closes <= *offer.expires) return;
  std::erase_if(service, [](const RawEntry& entry) { return entry.key == "open_for"; });
  put(service, "until", place,
      RawDateTime{text_of(*offer.expires) + ", when the relay's time is up", *offer.expires});
}

std::string notice_of(const RelayOffer& offer) {
  if (!offer.tls || *offer.tls) return {};
  return "the relay was made with its TLS option off: what does not encrypt by itself, as SSH and "
         "RDP do, "
         "can be read and changed on the way; if that is not meant, make the relay anew with the "
         "option on";
}

}  // namespace tunnel::config
