// An event as an entry of systemd's journal, with its fields.
#pragma once

#include <cstddef>
#include <string>

#include "log/log.hpp"

namespace tunnel {

// Separates the fields while the entry is a line of the queue; no value has it.
inline constexpr char journal_separator = '\x1e';

// MESSAGE, PRIORITY and so on as in systemd.journal-fields(7), and TUNNEL_EVENT, TUNNEL_SERVICE,
// TUNNEL_CONNECTION and the event's own fields. One without room is left out.
std::string journal_entry(const LogEvent& event, LogFormat format, std::size_t longest);

// The datagram of the journal's protocol: one field per line.
std::string journal_datagram(std::string_view entry);

}  // namespace tunnel
