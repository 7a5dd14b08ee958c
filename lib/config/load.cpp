// Reads a configuration file and applies the overrides from the command line.
#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/path.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "config/parse.hpp"
#include "config/similar_file.hpp"
#include "config/stunnel_file.hpp"

namespace tunnel::config {

namespace {

namespace fs = std::filesystem;

Validated only(Mistake mistake) {
  Validated out;
  out.mistakes.push_back(std::move(mistake));
  return out;
}

// The service that "[NAME=]VALUE" refers to, and VALUE; or a mistake.
std::variant<RawEntry*, Mistake> service_of(RawTable& services, const Override& change,
                                            std::string& value) {
  const Place place{change.option, 0, 0};
  const auto equals = change.text.find('=');
  value = equals == std::string::npos ? change.text : change.text.substr(equals + 1);
  std::vector<std::string_view> names;
  for (const RawEntry& entry : services) names.push_back(entry.key);
  if (equals != std::string::npos) {
    const std::string name = change.text.substr(0, equals);
    if (RawEntry* entry = find(services, name)) return entry;
    const std::string meant = nearest(name, names);
    return Mistake{place, "", "",
                   fmt::format("there is no service \"{}\" in the file", quotable(name)),
                   meant.empty() ? "" : fmt::format("{} {}={}", change.option, meant, value)};
  }
  if (services.size() == 1) return &services.front();
  return Mistake{place, "", "",
                 fmt::format("the file has {} services: say which one is meant", services.size()),
                 names.empty() ? "" : fmt::format("{} {}={}", change.option, names.front(), value)};
}

// Adds the notice for each service with an offer to `notices`, by the service's name.
Mistakes apply(const std::vector<Override>& overrides, RawTable& root,
               std::vector<std::pair<std::string, std::string>>& notices) {
  Mistakes mistakes;
  RawEntry* entry = find(root, "service");
  RawTable* services = entry != nullptr ? std::get_if<RawTable>(&entry->value.value) : nullptr;
  if (services == nullptr || services->empty()) return mistakes;  // validate() reports it
  const RawEntry* shared = find(root, "defaults");
  const RawTable* defaults =
      shared != nullptr ? std::get_if<RawTable>(&shared->value.value) : nullptr;
  for (const Override& change : overrides) {
    std::string text;
    auto found = service_of(*services, change, text);
    if (auto* mistake = std::get_if<Mistake>(&found)) {
      mistakes.push_back(std::move(*mistake));
      continue;
    }
    const std::string& name = std::get<RawEntry*>(found)->key;
    RawTable* table = std::get_if<RawTable>(&std::get<RawEntry*>(found)->value.value);
    if (table == nullptr) continue;
    RawValue value{{change.option, 0, 0}, text};
    if (change.key == "accept" && text.size() <= 9 && is_digits(text))
      value.value = std::int64_t{std::stoll(text)};
    RawEntry* old = find(*table, change.key);
    if (old != nullptr && old->value.place.line == 0) {
      mistakes.push_back({value.place, "", "",
                          fmt::format("given twice for service \"{}\"", quotable(name)),
                          "give each service one"});
      continue;
    }
    if (change.offer) {
      const auto now =
          std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
      apply_offer(*change.offer, {change.option + " -", 0, 0},
                  fmt::format("service \"{}\"", quotable(name)), now, *table, defaults, mistakes);
      notices.emplace_back(name, notice_of(*change.offer));
      continue;
    }
    if (old != nullptr)
      old->value = std::move(value);
    else
      table->push_back({change.key, value.place, std::move(value)});
  }
  return mistakes;
}

Place place_of_offset(std::string_view text, std::size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  const std::string_view line_so_far = before.substr(before.rfind('\n') + 1);
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const auto column = std::count_if(line_so_far.begin(), line_so_far.end(), is_start) + 1;
  return {file, line, static_cast<std::uint32_t>(column)};
}

// PowerShell's > writes UTF-16, and so do some editors.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

Mistake missing_file(const std::string& file, const fs::path& path) {
  const std::string similar = similar_file(path);
  std::string next = "give the path of a configuration: tunnel --config vnc.toml";
  if (!similar.empty()) {
    const std::string there = text_of(path.parent_path() / path_of(similar));
    next = fmt::format("tunnel --config {}", shell_word(there));
    if (lower_case(similar) == lower_case(text_of(path.filename())) + ".txt")
      next += ", or remove .txt from its name, which Windows hides";
  }
  return {{file, 0, 0}, "", "", but_there_is("there is no such file", similar), std::move(next)};
}

Mistake unreadable_file(const Place& place, const fs::path& path, const std::error_code& error,
                        const os::FileView& files) {
  const auto why = files.why_unreadable(path);
  if (!why && !error) return {place, "", "", "the file cannot be read to its end", ""};
  // as permission_denied() says it, without the name that the place has
  const bool denied =
      error == std::errc::permission_denied || (why && why->what == permission_denied(path).what);
  if (denied)
    return {
        place, "", "", "the file cannot be read: permission denied", permission_denied(path).hint,
        path};
  return {place, "", "", "the file cannot be read", "check who may read it and its folders", path};
}

}  // namespace

Validated load_text(std::string_view text, const std::string& file, const fs::path& folder,
                    const std::vector<Override>& overrides, const Environment& environment) {
  if (const auto bad = first_invalid_utf8(text))
    return only({place_of_offset(text, *bad, file), "", "",
                 is_utf16(text) ? "the file is UTF-16, and UTF-8 is wanted"
                                : "the file is not UTF-8 from here on",
                 "save it as UTF-8"});
  auto parsed = parse(text, file);
  if (auto* mistake = std::get_if<Mistake>(&parsed))
    return only(stunnel_file(text, file).value_or(*mistake));
  RawTable& root = std::get<RawTable>(parsed);
  std::vector<std::pair<std::string, std::string>> notices;
  Mistakes mistakes = apply(overrides, root, notices);
  Validated out = validate(root, file, folder, environment);
  for (Service& service : out.config.services)
    for (auto& [name, notice] : notices)
      if (service.name == name && !notice.empty())
        service.notice += (service.notice.empty() ? "" : "; ") + notice;
  out.mistakes.insert(out.mistakes.begin(), mistakes.begin(), mistakes.end());
  return out;
}

Validated load(const std::string& file, const std::vector<Override>& overrides,
               const Environment& environment) {
  const Place place{file, 0, 0};
  const fs::path path = path_of(file);
  const os::FileView& files = environment.files();
  std::error_code error;
  const auto kind = files.kind(path, error);
  if (kind == os::FileCopy::Kind::missing) return only(missing_file(file, path));
  if (kind == os::FileCopy::Kind::folder)
    return only({place, "", "", "this is a folder, where a file is wanted",
                 "tunnel --config " + file + "/vnc.toml"});
  // a pipe can be opened once only
  const auto text = error ? std::nullopt : files.read(path);
  if (!text) return only(unreadable_file(place, path, error, files));
  return load_text(*text, file, path.parent_path(), overrides, environment);
}

}  // namespace tunnel::config
