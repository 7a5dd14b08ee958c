// The attempts for each message.
#include "log/syslog_sink.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "log/journal_entry.hpp"

namespace tunnel {

SyslogSink::SyslogSink(Form form, SyslogOrigin origin, std::unique_ptr<Channel> channel,
                       Pauses pauses)
    : form_(form), origin_(std::move(origin)), channel_(std::move(channel)), pauses_(pauses) {}

LogSink::Written SyslogSink::write(std::string_view lines) {
  const auto deadline = std::chrono::steady_clock::now() + pauses_.patience;
  Written out;
  while (out.bytes < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', out.bytes), lines.size());
    const std::string_view line = lines.substr(out.bytes, end - out.bytes);
    const std::string message = form_ == Form::journal ? journal_datagram(line) : std::string(line);
    for (std::chrono::milliseconds pause{1};; pause = std::min(2 * pause, pauses_.between)) {
      out.why = channel_->send(message);
      if (out.why.empty()) break;
      if (std::chrono::steady_clock::now() >= deadline) return out;
      std::this_thread::sleep_for(pause);
    }
    out.bytes = std::min(end + 1, lines.size());
  }
  return out;
}

Result<std::monostate> SyslogSink::refresh(bool anew) {
  if (anew) channel_->renew();
  return std::monostate{};
}

std::optional<std::string> SyslogSink::encode(const LogEvent& event, LogFormat format) const {
  switch (form_) {
    case Form::rfc5424:
      break;
    case Form::local:
      return local_syslog_message(event, format, origin_);
    case Form::journal:
      return journal_entry(event, format, origin_.longest);
  }
  return rfc5424_message(
      event, format, origin_,
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

}  // namespace tunnel
