// The two line formats, and the choice of the writer.
#include "log/log.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json.hpp"
#include "log/log_sink.hpp"
#include "log/log_writer.hpp"
#include "log/terminal_lines.hpp"

namespace tunnel {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warn:
      return "warn";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
    case LogLevel::trace:
      return "trace";
  }
  return "?";
}

std::string log_text(const LogEvent& event) {
  if (event.service.empty()) return event.message;
  if (event.connection == 0) return fmt::format("{}: {}", event.service, event.message);
  return fmt::format("{}#{}: {}", event.service, event.connection, event.message);
}

std::string log_line(const LogEvent& event, LogFormat format, std::string_view time) {
  if (format == LogFormat::json) {
    std::string line = "{";
    if (!time.empty()) line += fmt::format("\"time\":\"{}\",", time);
    line += fmt::format("\"level\":\"{}\",\"event\":\"{}\"", name_of(event.level), event.event);
    if (!event.service.empty()) line += ",\"service\":" + json_string(event.service);
    if (event.connection != 0) line += fmt::format(",\"connection\":{}", event.connection);
    for (const auto& [name, value] : event.fields)
      line += fmt::format(",\"{}\":{}", name, json_value(value));
    return line + ",\"message\":" + json_string(event.message) + "}";
  }
  const std::string level = fmt::format("{:<5} ", name_of(event.level));
  return (time.empty() ? level : fmt::format("{} {}", time, level)) + log_text(event);
}

Log::Log(Settings settings, std::unique_ptr<LogSink> first)
    : level_(settings.level), first_(std::make_shared<LogWriter>(std::move(first), settings)) {}

Log::~Log() { flush(std::chrono::seconds(2)); }

std::shared_ptr<LogWriter> Log::writer() const {
  const std::lock_guard lock(mutex_);
  return file_ ? file_ : first_;
}

void Log::change(Settings settings, std::unique_ptr<LogSink> file) {
  auto next = file ? std::make_shared<LogWriter>(std::move(file), settings) : nullptr;
  first_->erase_status();
  first_->change(settings);
  level_.store(settings.level, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  if (file_) counts_.lost += file_->lost();
  file_.swap(next);
}

void Log::reopen() { writer()->reopen(); }

bool Log::flush(std::chrono::milliseconds patience) {
  const auto now = writer();
  const bool first = now == first_ || first_->flush(patience);
  return now->flush(patience) && first;
}

void Log::write(const LogEvent& event) {
  if (!shows(event.level)) return;
  if (event.level <= LogLevel::warn) remember(event);
  writer()->write(event);
}

void Log::error(std::string_view event, std::string message, LogFields fields) {
  write({LogLevel::error, event, "", 0, std::move(message), std::move(fields)});
}

void Log::warn(std::string_view event, std::string message, LogFields fields) {
  write({LogLevel::warn, event, "", 0, std::move(message), std::move(fields)});
}

void Log::info(std::string_view event, std::string message, LogFields fields) {
  write({LogLevel::info, event, "", 0, std::move(message), std::move(fields)});
}

void Log::debug(std::string_view event, std::string message, LogFields fields) {
  write({LogLevel::debug, event, "", 0, std::move(message), std::move(fields)});
}

void Log::draw_with(std::unique_ptr<TerminalLines> lines) { first_->draw_with(std::move(lines)); }

void Log::status(std::string_view text) {
  if (const auto to = writer(); to == first_) to->status(text);
}

void Log::remember(const LogEvent& event) {
  constexpr std::size_t most = 20;
  LogRecord record{std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
                   event.level, event.service, event.connection, event.message};
  const std::lock_guard lock(mutex_);
  ++(event.level == LogLevel::error ? counts_.errors : counts_.warnings);
  recent_.push_front(std::move(record));
  if (recent_.size() > most) recent_.pop_back();
}

std::vector<LogRecord> Log::recent() const {
  const std::lock_guard lock(mutex_);
  return {recent_.begin(), recent_.end()};
}

Log::Counts Log::counts() const {
  const std::lock_guard lock(mutex_);
  Counts out = counts_;
  out.lost += first_->lost() + (file_ ? file_->lost() : 0);
  return out;
}

}  // namespace tunnel
