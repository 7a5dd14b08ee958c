// Tells what a wrong header was meant as by its name and by the keys below it.
#include "config/headers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "config/foreign_keys.hpp"
#include "config/foreign_names.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

bool is_own(std::string_view key) {
  return key == "service" || key == "defaults" || key == "log" || key == "process" ||
         key == "status";
}

// A name for a service that is like this one, which isn't allowed.
std::string allowed_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64)) {
    const bool good = is_service_name({&c, 1});
    if (good || (!out.empty() && out.back() != '-')) out += good ? c : '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "vnc" : out;
}

const RawTable* table_of(const RawEntry& entry) {
  return std::get_if<RawTable>(&entry.value.value);
}

bool looks_like_service(const RawTable& table) {
  return std::any_of(table.begin(), table.end(), [&](const RawEntry& entry) {
    return home_of(entry.key) == "service" || !foreign_meaning(entry.key, table).empty();
  });
}

bool holds_tables(const RawTable& table) {
  return !table.empty() && std::all_of(table.begin(), table.end(), [](const RawEntry& entry) {
    return table_of(entry) != nullptr;
  });
}

bool means_service(std::string_view key) {
  const std::string bare = bare_name(key);
  for (const std::string_view word : {"service", "services", "svc", "tunnel", "tunnels", "server",
                                      "servers", "client", "clients", "relay", "relays", "stunnel"})
    if (bare == word) return true;
  return nearest(bare, {"service"}) == "service";
}

// The table of ours that a header of another kind was meant as.
std::string own_table_meant(std::string_view key) {
  const std::string bare = bare_name(key);
  for (const std::string_view word : {"default", "global", "globals", "common", "general", "all"})
    if (bare == word) return "defaults";
  for (const std::string_view word : {"logging", "logs", "logger"})
    if (bare == word) return "log";
  return nearest(bare, {"defaults", "log", "process", "status"});
}

void report(const Place& place, std::string_view written, std::string_view right,
            TableReader& reader) {
  reader.mistake(place, "", fmt::format("unknown table [{}]", one_line(written)),
                 fmt::format("[{}]", right));
}

std::string name_in(const RawTable& table, std::string_view otherwise) {
  const RawEntry* entry = find(table, "name");
  const auto* name = entry != nullptr ? std::get_if<std::string>(&entry->value.value) : nullptr;
  return name != nullptr && !name->empty() ? *name : std::string(otherwise);
}

// [[service]]
void report_list(const RawEntry& entry, const RawList& list, TableReader& reader) {
  std::size_t count = 0;
  for (const RawValue& value : list) {
    const RawTable* table = std::get_if<RawTable>(&value.value);
    if (table == nullptr) continue;
    ++count;
    reader.mistake(
        value.place, "",
        fmt::format("[[{}]] is a list, and each service has a name instead", one_line(entry.key)),
        fmt::format("[{}]", service_header(name_in(
                                *table, count == 1 ? "vnc" : fmt::format("vnc{}", count)))));
  }
}

// [services.vnc]
void take_each(const RawEntry& entry, const RawTable& table, Headers& out, TableReader& reader) {
  for (const RawEntry& service : table) {
    report(service.key_place, fmt::format("{}.{}", entry.key, service.key),
           service_header(service.key), reader);
    out.services.push_back({&service, allowed_name(service.key)});
  }
}

bool take_table(const RawEntry& entry, const RawTable& table, Headers& out, TableReader& reader) {
  if (means_service(entry.key) && holds_tables(table)) {
    take_each(entry, table, out, reader);
    return true;
  }
  const std::string own = own_table_meant(entry.key);
  if (!own.empty()) {
    report(entry.key_place, entry.key, own, reader);
    if (own == "defaults") out.defaults = &table;
    return true;
  }
  if (!looks_like_service(table) && !table.empty()) return false;
  reader.mistake(
      entry.key_place, "",
      fmt::format("the section of a service is [service.NAME], not [{}]", one_line(entry.key)),
      fmt::format("[{}]", service_header(entry.key)));
  out.services.push_back({&entry, allowed_name(entry.key)});
  return true;
}

bool is_list_of_tables(const RawList& list) {
  return !list.empty() && std::all_of(list.begin(), list.end(), [](const RawValue& value) {
    return std::holds_alternative<RawTable>(value.value);
  });
}

bool take(const RawEntry& entry, Headers& out, TableReader& reader) {
  if (const RawList* list = std::get_if<RawList>(&entry.value.value)) {
    if (!is_list_of_tables(*list)) return false;
    report_list(entry, *list, reader);
    return true;
  }
  const RawTable* table = table_of(entry);
  if (table == nullptr) return false;
  if (!is_own(entry.key)) return take_table(entry, *table, out, reader);
  // [service] with the keys of a service
  const bool unnamed =
      entry.key == "service" && std::any_of(table->begin(), table->end(), [](const RawEntry& one) {
        return table_of(one) == nullptr && home_of(one.key) == "service";
      });
  if (unnamed)
    reader.mistake(entry.key_place, "", "[service] has no name",
                   fmt::format("[{}]", service_header(name_in(*table, "vnc"))));
  return unnamed;
}

}  // namespace

bool is_service_name(std::string_view name) { return name.size() <= 64 && is_dotted_key(name); }

std::string service_header(std::string_view name) {
  const std::string good = allowed_name(name);
  return good.find('.') == std::string::npos ? "service." + good : "service." + toml_string(good);
}

Headers meant_headers(const RawTable& root, TableReader& reader) {
  Headers out;
  for (const RawEntry& entry : root) {
    if (!take(entry, out, reader)) continue;
    out.wrong = true;
    out.in_service = out.in_service || entry.key == "service";
    reader.reported(entry.key);
  }
  return out;
}

bool holds_only_services(const RawTable& table) {
  return holds_tables(table) && std::any_of(table.begin(), table.end(), [](const RawEntry& entry) {
           return looks_like_service(*table_of(entry));
         });
}

std::vector<MeantService> nested_services(std::string_view name, const RawTable& table,
                                          TableReader& reader) {
  std::vector<MeantService> out;
  for (const RawEntry& entry : table) {
    const RawTable* nested = table_of(entry);
    if (nested == nullptr || !looks_like_service(*nested)) continue;
    std::string whole = fmt::format("{}.{}", name, entry.key);
    report(entry.key_place, "service." + whole, service_header(whole), reader);
    reader.reported(entry.key);
    out.push_back({&entry, std::move(whole)});
  }
  return out;
}

}  // namespace tunnel::config
