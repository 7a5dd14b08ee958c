// The queue, its thread, and the account of lost lines.
#include "log/log_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "log/syslog_message.hpp"

namespace tunnel {

namespace {

std::string time_now() {
  return rfc3339_milliseconds(
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

struct LogWriter::Shared {
  Shared(std::unique_ptr<LogSink> a_sink, Log::Settings some_settings, Limits some_limits)
      : sink(std::move(a_sink)), limits(some_limits), settings(some_settings) {}

  bool on_terminal() const { return terminal && settings.format == LogFormat::text; }
  std::string line(const LogEvent& event) {
    if (const auto encoded = sink->encode(event, settings.format)) return *encoded + "\n";
    const std::string text = log_line(event, settings.format, time());
    if (on_terminal()) return terminal->line(event.level, text);
    const std::string priority =
        sink->wants_priority() ? fmt::format("<{}>", severity_of(event.level)) : std::string();
    return priority + text + "\n";
  }
  std::string time() const {
    if (settings.time) return time_now();
    return on_terminal() && settings.time_of_day ? terminal->time() : std::string();
  }
  bool has_work() const { return !queue.empty() || dropped > 0 || anew; }

  const std::unique_ptr<LogSink> sink;  // used by the thread only, except for encoding
  const Limits limits;

  std::mutex mutex;  // guards everything below
  std::condition_variable wake, idle;
  Log::Settings settings;
  std::unique_ptr<TerminalLines> terminal;
  std::string queue;
  std::uint64_t dropped = 0;  // after the lines in the queue
  std::uint64_t lost = 0;     // in total
  bool anew = false;
  bool busy = false;
  bool hurry = false;
  bool ending = false;
};

namespace {

// The thread's view of the sink: writes, and counts lines that were not written.
class Account {
 public:
  explicit Account(LogSink& sink) : sink_(sink) {}

  bool put(const std::string& lines) {
    if (lines.empty()) return true;
    // end a line that was written in part, so the next one starts on its own
    const bool ended = torn_;
    const std::string text = ended ? "\n" + lines : lines;
    const auto written = sink_.write(text);
    if (written.bytes == text.size()) {
      torn_ = false;
      return true;
    }
    if (written.bytes > 0) torn_ = text[written.bytes - 1] != '\n';
    why_ = written.why;
    unwritten_ = lines_in(std::string_view(text).substr(written.bytes));
    if (ended && written.bytes == 0) --unwritten_;  // the line feed was not a line
    return false;
  }

  std::uint64_t unwritten() const { return unwritten_; }  // by the last put() that failed
  const std::string& why() const { return why_; }

 private:
  LogSink& sink_;
  bool torn_ = false;
  std::uint64_t unwritten_ = 0;
  std::string why_;
};

LogEvent lost_event(std::uint64_t count, const std::string& why) {
  return {LogLevel::warn,
          "lost",
          "",
          0,
          fmt::format("{} line{} of the log {} lost: {}", count, count == 1 ? "" : "s",
                      count == 1 ? "is" : "are", why),
          {{"count", static_cast<std::int64_t>(count)}}};
}

}  // namespace

LogWriter::LogWriter(std::unique_ptr<LogSink> sink, Log::Settings settings, Limits limits)
    : shared_(std::make_shared<Shared>(std::move(sink), settings, limits)) {}

LogWriter::~LogWriter() {
  bool idle = false;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->ending = shared_->hurry = true;
    idle = !shared_->busy && !shared_->has_work();
  }
  shared_->wake.notify_all();
  if (!thread_.joinable()) return;
  if (idle)
    thread_.join();
  else
    thread_.detach();
}

void LogWriter::change(Log::Settings settings) {
  const std::lock_guard lock(shared_->mutex);
  shared_->settings = settings;
}

void LogWriter::start() {
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread(run, shared_);
  } catch (const std::system_error&) {
    // out of threads: the lines stay queued, and the next line tries again
  }
}

void LogWriter::write(const LogEvent& event) {
  const std::lock_guard lock(shared_->mutex);
  start();
  const std::string line = shared_->line(event);
  if (shared_->dropped > 0 || shared_->queue.size() + line.size() > shared_->limits.bytes) {
    ++shared_->dropped;
    ++shared_->lost;
    return;
  }
  if (shared_->queue.empty()) shared_->wake.notify_one();
  shared_->queue += line;
}

void LogWriter::draw_with(std::unique_ptr<TerminalLines> lines) {
  const std::lock_guard lock(shared_->mutex);
  shared_->terminal = std::move(lines);
}

void LogWriter::status(std::string_view text) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->on_terminal()) draw(shared_->terminal->status(text));
}

void LogWriter::erase_status() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->on_terminal()) draw(shared_->terminal->erase());
}

// Not a line: dropping it for lack of room is no loss.
void LogWriter::draw(const std::string& bytes) {
  if (bytes.empty() || shared_->dropped > 0 ||
      shared_->queue.size() + bytes.size() > shared_->limits.bytes)
    return;
  start();
  if (shared_->queue.empty()) shared_->wake.notify_one();
  shared_->queue += bytes;
}

void LogWriter::reopen() {
  const std::lock_guard lock(shared_->mutex);
  start();
  shared_->anew = true;
  shared_->wake.notify_one();
}

bool LogWriter::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->hurry = true;
  shared_->wake.notify_one();
  const bool out = shared_->idle.wait_for(
      lock, patience, [this] { return !shared_->has_work() && !shared_->busy; });
  shared_->hurry = shared_->ending;
  return out;
}

std::uint64_t LogWriter::lost() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->lost;
}

void LogWriter::run(const std::shared_ptr<Shared>& shared) {
  Shared& s = *shared;
  Account account(*s.sink);
  std::uint64_t lost = 0;  // not reported yet
  bool reopen_failed = false;
  std::chrono::steady_clock::time_point last;
  std::unique_lock lock(s.mutex);
  while (true) {
    s.wake.wait(lock, [&] { return s.has_work() || s.ending; });
    if (!s.has_work()) return;
    s.wake.wait_until(lock, last + s.limits.pause, [&] { return s.hurry; });
    const std::string lines = std::exchange(s.queue, {});
    const std::uint64_t dropped = std::exchange(s.dropped, 0);
    const bool anew = std::exchange(s.anew, false);
    const std::string before = lost > 0 ? s.line(lost_event(lost, account.why())) : std::string();
    const std::string after =
        dropped > 0 ? s.line(lost_event(dropped, "they came faster than they could be written"))
                    : std::string();
    s.busy = true;
    lock.unlock();

    const auto refreshed = s.sink->refresh(anew);
    std::string trouble;
    if (!refreshed && !std::exchange(reopen_failed, true)) {
      lock.lock();
      trouble = s.line({LogLevel::error, "log", "", 0, refreshed.error().message(), {}});
      lock.unlock();
    }
    if (refreshed) reopen_failed = false;
    if (account.put(before)) lost = 0;
    account.put(trouble);
    const std::uint64_t unwritten = account.put(lines) ? 0 : account.unwritten();
    lost += unwritten;
    if (!account.put(after)) lost += dropped;

    lock.lock();
    s.lost += unwritten;
    last = std::chrono::steady_clock::now();
    s.busy = false;
    if (!s.has_work()) s.idle.notify_all();
  }
}

}  // namespace tunnel
