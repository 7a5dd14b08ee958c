// The log's two line formats and its sink.
#include "base/log.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

#include "base/json.hpp"
#include "base/terminal_lines.hpp"

namespace tunnel {

namespace {

std::string now_rfc3339() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto ms = duration_cast<milliseconds>(now.time_since_epoch()).count();
  // days to civil date by <chrono>, since gmtime is not safe in threads everywhere
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const auto in_day = duration_cast<milliseconds>(now - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     in_day / 3600000, in_day / 60000 % 60, in_day / 1000 % 60, ms % 1000);
}

}  // namespace

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
  std::string line;
  if (!time.empty()) line += fmt::format("{} ", time);
  line += fmt::format("{:<5} ", name_of(event.level));
  if (!event.service.empty()) {
    line += event.service;
    if (event.connection != 0) line += fmt::format("#{}", event.connection);
    line += ": ";
  }
  return line + event.message;
}

Log::Log(Settings settings, std::FILE* out)
    : level_(settings.level),
      settings_(settings),
      file_(nullptr, &std::fclose),
      standard_(out),
      out_(out) {}

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::to_file(Settings settings, const std::string& path) {
  auto log = std::make_unique<Log>(settings);
  if (auto opened = log->change(settings, path); !opened) return opened.error();
  return log;
}

Result<std::monostate> Log::change(Settings settings, const std::optional<std::string>& path) {
  std::FILE* file = nullptr;
  if (path) {
    file = std::fopen(path->c_str(), "ab");
    if (file == nullptr)
      return Error{fmt::format("cannot open the log file {}: {}", *path, std::strerror(errno)),
                   "create its folder, or choose another path"};
  }
  const std::lock_guard lock(mutex_);
  if (on_terminal()) put(terminal_->lift());
  settings_ = settings;
  level_.store(settings.level, std::memory_order_relaxed);
  file_.reset(file);
  out_ = file != nullptr ? file : standard_;
  return std::monostate{};
}

void Log::write(const LogEvent& event) {
  if (!shows(event.level)) return;
  const std::lock_guard lock(mutex_);
  const std::string line =
      log_line(event, settings_.format, settings_.time ? now_rfc3339() : std::string());
  put(on_terminal() ? terminal_->line(event.level, line) : line + "\n");
}

void Log::draw_with(std::unique_ptr<TerminalLines> lines) {
  const std::lock_guard lock(mutex_);
  terminal_ = std::move(lines);
}

void Log::status(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (on_terminal()) put(terminal_->status(text));
}

bool Log::on_terminal() const {
  return terminal_ && out_ == standard_ && settings_.format == LogFormat::text;
}

void Log::put(std::string_view bytes) {
  if (bytes.empty()) return;
  std::fwrite(bytes.data(), 1, bytes.size(), out_);
  std::fflush(out_);
}

}  // namespace tunnel
