// The Event Log of Windows as a log sink, and its entry for a service.
#pragma once

#include <memory>
#include <string>

#include "log/log_sink.hpp"

namespace tunnel::os {

// Keeps errors and warnings, as events of the source `service` in the Application log.
std::unique_ptr<LogSink> event_log(const std::string& service);

// Lets the Event Viewer show the events of `service` as their text alone. False with GetLastError()
// if the registry refuses.
bool add_event_source(const std::string& service);
void remove_event_source(const std::string& service);

}  // namespace tunnel::os
