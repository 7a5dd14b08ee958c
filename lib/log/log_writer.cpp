// The queue, its thread, and what is said of lines that are lost.
#include "log/log_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

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

// As syslog(3) counts them.
int priority_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return 3;
    case LogLevel::warn:
      return 4;
    case LogLevel::info:
      return 6;
    case LogLevel::debug:
    case LogLevel::trace:
      break;
  }
  return 7;
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
    const std::string text =
        log_line(event, settings.format, settings.time ? now_rfc3339() : std::string());
    if (on_terminal()) return terminal->line(event.level, text);
    const std::string priority =
        sink->wants_priority() ? fmt::format("<{}>", priority_of(event.level)) : std::string();
    return priority + text + "\n";
  }
  bool has_work() const { return !queue.empty() || dropped > 0 || anew; }

  const std::unique_ptr<LogSink> sink;  // the thread's, but for wants_priority()
  const Limits limits;

  std::mutex mutex;  // for all below
  std::condition_variable wake, idle;
  Log::Settings settings;
  std::unique_ptr<TerminalLines> terminal;
  std::string queue;
  std::uint64_t dropped = 0;  // after what is in the queue
  std::uint64_t lost = 0;     // in all
  bool anew = false;
  bool busy = false;
  bool hurry = false;
  bool ending = false;
};

namespace {

// The thread's side: writes, and keeps account of what did not come out.
class Account {
 public:
  explicit Account(LogSink& sink) : sink_(sink) {}

  bool put(const std::string& lines) {
    if (lines.empty()) return true;
    // what was torn off must not be glued to the next line
    const bool mended = torn_;
    const std::string text = mended ? "\n" + lines : lines;
    const auto written = sink_.write(text);
    if (written.bytes == text.size()) {
      torn_ = false;
      return true;
    }
    if (written.bytes > 0) torn_ = text[written.bytes - 1] != '\n';
    why_ = written.why;
    unwritten_ = lines_in(std::string_view(text).substr(written.bytes));
    if (mended && written.bytes == 0) --unwritten_;  // the line feed was no line
    return false;
  }

  std::uint64_t unwritten() const { return unwritten_; }  // of the last put() that failed
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
    // no more threads for now: the queue holds the lines, and the next one tries again
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

void LogWriter::lift() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->on_terminal()) draw(shared_->terminal->lift());
}

// No line, and no loss where there is no room for it.
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
  std::uint64_t lost = 0;  // and not told yet
  bool stuck_to_old = false;
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
    if (!refreshed && !std::exchange(stuck_to_old, true)) {
      lock.lock();
      trouble = s.line({LogLevel::error, "log", "", 0, refreshed.error().message(), {}});
      lock.unlock();
    }
    if (refreshed) stuck_to_old = false;
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
