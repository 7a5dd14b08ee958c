// The kinds of load; each prints one JSON object.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "meter.hpp"
#include "net.hpp"

namespace load {

// "--name value" pairs.
class Options {
 public:
  Options(int count, char** words);

  std::uint64_t number(const std::string& name, std::uint64_t otherwise) const;
  std::vector<std::uint64_t> numbers(const std::string& name) const;  // separated by commas
  std::uint16_t port(const std::string& name) const;
  Meter meter() const;  // of --pids

 private:
  std::map<std::string, std::string> values_;
};

// Bytes that all pairs carry together, from the clients ("up") and from the devices ("down").
struct Amount {
  std::uint64_t up = 0;
  std::uint64_t down = 0;
};

// Carries until everything has arrived, or until `stop` becomes true; counts what has arrived where
// asked to.
void carry_all(std::vector<Pair>& pairs, Amount amount, const std::atomic<bool>* stop = nullptr,
               std::atomic<std::uint64_t>* arrived = nullptr);

void carry(const Options& options);  // bulk over --connections
void ping(const Options& options);  // --count round trips of 64 bytes; --beside a bulk stream, over
                                    // --connections
void brief(const Options& options);  // --count connections of 5 bytes each way, --at-once
void grow(const Options&
              options);  // --idle: memory at so many; then --carrying: bulk over so many, falling
void copy(const Options& options);  // a relay without TLS from --front to --back

}  // namespace load
