// The account of each source.
#include "log/throttle.hpp"

#include <fmt/format.h>

namespace tunnel {

bool LogThrottle::should_log(const std::string& source) {
  auto found = sources_.find(source);
  if (found == sources_.end()) {
    if (sources_.size() >= most_sources_) {
      ++others_;
      return false;
    }
    found = sources_.try_emplace(source).first;
  }
  Source& known = found->second;
  known.quiet = false;
  if (known.logged < lines_) {
    ++known.logged;
    return true;
  }
  ++known.counted;
  return false;
}

std::optional<LogThrottle::Summary> LogThrottle::collect() {
  Summary out;
  out.events = others_;
  out.more = others_ > 0;
  others_ = 0;
  for (auto it = sources_.begin(); it != sources_.end();) {
    Source& source = it->second;
    if (source.counted > 0) {
      out.events += source.counted;
      ++out.sources;
      if (source.counted > out.worst_events) {
        out.worst = it->first;
        out.worst_events = source.counted;
      }
    }
    source.counted = 0;
    it = source.quiet ? sources_.erase(it) : std::next(it);
  }
  for (auto& [name, source] : sources_) source.quiet = true;
  if (out.events == 0) return std::nullopt;
  return out;
}

std::string LogThrottle::Summary::origin() const {
  if (sources == 0) return "of many sources";
  if (sources == 1 && !more) return "of " + worst;
  return fmt::format("of {}{} sources, most of {} ({})", more ? "more than " : "", sources, worst,
                     worst_events);
}

}  // namespace tunnel
