// An event with a field of each kind.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "log/log.hpp"

namespace tunnel::test {

inline LogEvent some_event() {
  LogEvent event;
  event.level = LogLevel::warn;
  event.event = "close";
  event.service = "vnc";
  event.connection = 7;
  event.message = "closed by the client";
  event.fields = {{"up", std::int64_t{12}},
                  {"duration", 1.5},
                  {"peer", std::string("127.0.0.1:5")},
                  {"listen", std::vector<std::string>{"a", "b"}}};
  return event;
}

}  // namespace tunnel::test
