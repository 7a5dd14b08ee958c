// Sends each event of the log as one message: to a syslog daemon, or to systemd's journal.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "log/log_sink.hpp"
#include "log/syslog_message.hpp"

namespace tunnel {

class SyslogSink : public LogSink {
 public:
  enum class Form { rfc5424, local, journal };

  // The way to the receiver, which each platform implements.
  class Channel {
   public:
    Channel() = default;
    virtual ~Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Returns the reason if the message couldn't be sent; waits a second at most for room.
    virtual std::string send(const std::string& message) = 0;
    // Looks the receiver up again.
    virtual void renew() {}
  };

  struct Pauses {
    std::chrono::milliseconds patience{5000};  // for a receiver that restarts
    std::chrono::milliseconds between{100};    // attempts, at most
  };

  SyslogSink(Form form, SyslogOrigin origin, std::unique_ptr<Channel> channel)
      : SyslogSink(form, std::move(origin), std::move(channel), Pauses()) {}
  SyslogSink(Form form, SyslogOrigin origin, std::unique_ptr<Channel> channel, Pauses pauses);

  // One message for each line; waits for a receiver that restarts.
  Written write(std::string_view lines) override;
  Result<std::monostate> refresh(bool anew) override;
  std::optional<std::string> encode(const LogEvent& event, LogFormat format) const override;

 private:
  const Form form_;
  const SyslogOrigin origin_;
  const std::unique_ptr<Channel> channel_;
  const Pauses pauses_;
};

}  // namespace tunnel
