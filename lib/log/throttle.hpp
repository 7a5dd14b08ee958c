// Throttles the log of events that anyone on the network can cause: logs the first few of each
// source, and counts the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tunnel {

// Between two calls of collect(), at most sources * lines events are logged, however many sources
// there are. For one thread.
class LogThrottle {
 public:
  // Tracks up to `sources` sources at a time and logs up to `lines` events of each; events of
  // further sources are counted together.
  LogThrottle(std::size_t sources, std::size_t lines) : most_sources_(sources), lines_(lines) {}

  // Records an event; true if it should be logged on a line of its own.
  bool should_log(const std::string& source);

  struct Summary {
    std::uint64_t events = 0;  // not logged
    std::size_t sources = 0;   // their number; a lower bound if `more`
    bool more = false;
    std::string worst;  // the source with the most events
    std::uint64_t worst_events = 0;

    // "of 192.0.2.1", "of 17 sources, most of 192.0.2.1 (30)".
    std::string origin() const;
  };
  // Call it once a minute: the events that were not logged since the last call, if any. Forgets
  // every source without events, so that its next event is logged again.
  std::optional<Summary> collect();

 private:
  struct Source {
    std::size_t logged = 0;
    std::uint64_t counted = 0;
    bool quiet = false;
  };

  const std::size_t most_sources_;
  const std::size_t lines_;
  std::map<std::string, Source> sources_;
  std::uint64_t others_ = 0;  // events of sources beyond the limit
};

}  // namespace tunnel
