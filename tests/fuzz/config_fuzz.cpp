// Any bytes as a configuration: they are understood or refused, in lines that a terminal can show.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "config/load.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::optional<std::string> variable(const std::string& name) {
  if (name == "HOST") return "relay.example";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

}  // namespace

// The first lines that begin with "#!" are overrides: "#!connect [NAME=]VALUE", "#!accept ...".
// They are comments of the file at the same time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tunnel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<config::Override> overrides;
  for (std::string_view rest = text; rest.starts_with("#!") && overrides.size() < 4;) {
    const std::string_view line = rest.substr(2, rest.find('\n') - 2);
    for (const std::string key : {"connect", "accept"})
      if (line.starts_with(key + " "))
        overrides.push_back({"--" + key, key, std::string(line.substr(key.size() + 1))});
    rest.remove_prefix(std::min(rest.size(), line.size() + 3));
  }

  const config::Validated validated =
      config::load_text(text, "fuzz.toml", "folder", overrides, variable);
  for (const config::Mistake& mistake : validated.mistakes) {
    require(!mistake.what.empty());
    require(!mistake.text().empty());
    // letters of a path stay as they are; what a terminal obeys, or reorders, does not
    for (const std::string& part : {mistake.scope, mistake.key, mistake.what})
      require(one_line(part) == part);
    // which may show a file
    std::istringstream lines(mistake.text());
    for (std::string line; std::getline(lines, line);) require(one_line(line) == line);
    const bool of_the_file = mistake.place.file == "fuzz.toml";
    require(of_the_file == (mistake.place.line != 0));
    require(of_the_file == (mistake.place.column != 0));
    require(of_the_file || mistake.place.file == "--connect" || mistake.place.file == "--accept");
  }
  if (!validated.mistakes.empty()) return 0;

  // what nobody downstream checks again
  require(!validated.config.services.empty());
  for (const config::Service& service : validated.config.services) {
    require(!service.name.empty());
    require(!service.accept.empty());
    require(!service.connect.empty());
    for (const config::SocketAddress& target : service.connect) {
      require(target.inherited() == nullptr);
      const auto again = config::read_address(target.text(), "", false);
      require(again.has_value() && *again == target);
    }
    require(service.min_version <= service.max_version);
    require(service.max_connections > 0);
    require(service.max_per_source > 0);
    for (const auto* list : {&service.access.allow, &service.access.deny})
      for (const config::Range& range : *list) {
        const auto again = config::range(range.text());
        require(again.has_value() && *again == range);
      }
    // somebody may come in through each range that is allowed
    for (const config::Range& range : service.access.allow)
      require(!config::covered(range, service.access.deny));
    require(service.open_for.count() == 0 || !service.until);
    require(service.timeouts.idle.count() >= 0);
    require(!service.accepts_tls() || (service.cert && service.key));
    require(service.cert.has_value() == service.key.has_value());
  }
  require(validated.config.process.workers <= 64);
  return 0;
}
