// Events that strangers can repeat at will: the first of each source are told, the rest are counted
// and told as one number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tunnel {

// Bounded, however many sources there are: between two calls of collect(), at most sources * lines
// events are to be told. For one thread.
class LogThrottle {
 public:
  // So many sources are known at a time, and so many events of each are told; further sources are
  // counted together.
  LogThrottle(std::size_t sources, std::size_t lines) : most_sources_(sources), lines_(lines) {}

  // Another event: whether it is to be told by a line of its own.
  bool tell(const std::string& source);

  struct Summary {
    std::uint64_t events = 0;  // not told
    std::size_t sources = 0;   // of how many; at least, where `more`
    bool more = false;
    std::string worst;  // the source with the most of them
    std::uint64_t worst_events = 0;

    // "of 192.0.2.1", "of 17 sources, most of 192.0.2.1 (30)".
    std::string whose() const;
  };
  // To be called once a minute: what was not told since the last call; nothing where that is none.
  // A source that was quiet is forgotten, and its next event is told again.
  std::optional<Summary> collect();

 private:
  struct Source {
    std::size_t told = 0;
    std::uint64_t counted = 0;
    bool quiet = false;
  };

  const std::size_t most_sources_;
  const std::size_t lines_;
  std::map<std::string, Source> sources_;
  std::uint64_t others_ = 0;  // events of sources that there was no room for
};

}  // namespace tunnel
