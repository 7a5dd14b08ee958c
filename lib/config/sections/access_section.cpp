// Reads allow and deny, which must admit somebody, and a closing time, which must be in the future.
#include "config/sections/access_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace tunnel::config {

namespace {

struct PlacedRange {
  Range range;
  Place place;
};

std::vector<PlacedRange> read_placed(std::string_view key, TableReader& reader) {
  std::vector<PlacedRange> out;
  for (const Text& text : reader.texts(key)) {
    auto read = range(text.value);
    if (read)
      out.push_back({*read, text.place});
    else
      reader.mistake(text.place, key, read.error().what,
                     Suggestion::string_setting(key, read.error().hint));
  }
  return out;
}

std::vector<Range> ranges_of(const std::vector<PlacedRange>& list) {
  std::vector<Range> out;
  for (const PlacedRange& one : list) out.push_back(one.range);
  return out;
}

// deny must leave something of each range in allow.
void refuse_denied_ranges(const Access& access, const std::vector<PlacedRange>& allow,
                          TableReader& reader) {
  for (const PlacedRange& one : allow)
    if (covered(one.range, access.deny))
      reader.mistake(
          one.place, "allow",
          fmt::format("\"{}\" does nothing, since deny holds all of it and wins", one.range.text()),
          "remove it here, or from deny");
}

}  // namespace

std::vector<Range> read_ranges(std::string_view key, TableReader& reader) {
  return ranges_of(read_placed(key, reader));
}

void read_access(Service& service, TableReader& reader) {
  const std::vector<PlacedRange> allow = read_placed("allow", reader);
  const std::vector<PlacedRange> deny = read_placed("deny", reader);
  Access& access = service.access;
  access = {ranges_of(allow), ranges_of(deny)};
  if (deny.empty()) return;
  if (!reader.has("allow")) {
    static const Range all_addresses[] = {*range("0.0.0.0/0"), *range("::/0")};
    if (std::all_of(std::begin(all_addresses), std::end(all_addresses),
                    [&](const Range& all) { return covered(all, access.deny); }))
      reader.mistake(deny.front().place, "deny", "nobody is left who may come in",
                     "name those who may: allow = \"192.0.2.0/24\"");
    return;
  }
  refuse_denied_ranges(access, allow, reader);
  const bool overlaps = std::any_of(deny.begin(), deny.end(), [&](const PlacedRange& denied) {
    return std::any_of(access.allow.begin(), access.allow.end(),
                       [&](const Range& allowed) { return allowed.overlaps(denied.range); });
  });
  // unknown if allow is wrong
  if (const RawEntry* entry = reader.own("deny"); entry != nullptr && !overlaps && !allow.empty() &&
                                                  !reader.is_in_doubt("allow") &&
                                                  !reader.is_in_doubt("deny"))
    reader.mistake(entry->key_place, "",
                   "deny does nothing, since none of its addresses is among those of allow",
                   "remove it");
}

void read_schedule(Service& service, TableReader& reader) {
  const auto open_for = reader.duration("open_for");
  const auto until = reader.instant("until");
  // round now rather than convert `until`: far times don't fit into 64 bits of nanoseconds
  using std::chrono::milliseconds;
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  if (until && until->at <= now)
    reader.mistake(
        (reader.own("until") != nullptr ? reader.own("until") : reader.inherited("until"))
            ->value.place,
        "until", fmt::format("{} has passed", until->text),
        "give a time to come, or remove the service");
  const RawEntry* both = nullptr;
  if (reader.own("open_for") != nullptr) both = reader.own("until");
  if (!reader.own("open_for") && !reader.own("until") && reader.inherited("open_for"))
    both = reader.inherited("until");
  if (both != nullptr)
    reader.mistake(both->key_place, "", "until and open_for both say when the service closes",
                   "keep one of them");
  // a key of the service replaces the other one in [defaults]
  if (open_for && (reader.own("open_for") != nullptr || reader.own("until") == nullptr))
    service.open_for = *open_for;
  if (until && (reader.own("until") != nullptr || reader.own("open_for") == nullptr))
    service.until = until;
}

}  // namespace tunnel::config
