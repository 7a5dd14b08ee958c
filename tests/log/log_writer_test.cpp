// A log whose sink hangs, fails or tears a line: nobody waits, and the count of what is lost is
// told.
#include "log/log_writer.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tunnel {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;

// A sink as bad as a test wants it.
struct Drain {
  std::mutex mutex;
  std::condition_variable change;
  bool stuck = false;
  bool waiting = false;  // somebody, for it to be unstuck
  bool full = false;
  std::size_t takes = std::string::npos;  // bytes, before it is full
  bool cannot_reopen = false;
  int opened = 0;
  std::string text;

  void set(bool& what, bool value) {
    const std::lock_guard lock(mutex);
    what = value;
    change.notify_all();
  }
  void wait_until_hit() {
    std::unique_lock lock(mutex);
    REQUIRE(change.wait_for(lock, patience, [&] { return waiting; }));
  }
  std::string taken() {
    const std::lock_guard lock(mutex);
    return text;
  }
};

class Sink : public LogSink {
 public:
  Sink(std::shared_ptr<Drain> drain, bool journal) : drain_(std::move(drain)), journal_(journal) {}

  Written write(std::string_view lines) override {
    std::unique_lock lock(drain_->mutex);
    drain_->waiting = drain_->stuck;
    drain_->change.notify_all();
    drain_->change.wait(lock, [&] { return !drain_->stuck; });
    drain_->waiting = false;
    if (drain_->full) return {0, "no space"};
    const std::string_view taken = lines.substr(0, drain_->takes);
    drain_->text += taken;
    if (taken.size() == lines.size()) return {lines.size()};
    drain_->full = true;
    drain_->takes = std::string::npos;
    return {taken.size(), "no space"};
  }
  Result<std::monostate> refresh(bool anew) override {
    const std::lock_guard lock(drain_->mutex);
    if (anew) ++drain_->opened;
    if (drain_->cannot_reopen) return Error{"the file cannot be begun again"};
    return std::monostate{};
  }
  bool wants_priority() const override { return journal_; }

 private:
  const std::shared_ptr<Drain> drain_;
  const bool journal_;
};

struct Rig {
  explicit Rig(LogWriter::Limits limits = {}, bool journal = false)
      : writer(std::make_unique<LogWriter>(std::make_unique<Sink>(drain, journal), Log::Settings{},
                                           limits)) {}

  void write(std::string message, LogLevel level = LogLevel::info) {
    LogEvent event;
    event.level = level;
    event.event = "x";
    event.message = std::move(message);
    writer->write(event);
  }
  bool flush() { return writer->flush(patience); }

  const std::shared_ptr<Drain> drain = std::make_shared<Drain>();
  std::unique_ptr<LogWriter> writer;
};

TEST_CASE("a sink that hangs holds nobody up, and the queue is bounded") {
  Rig rig({.bytes = 100});
  rig.drain->set(rig.drain->stuck, true);
  rig.write("first");
  rig.drain->wait_until_hit();
  // "info  12\n": eleven of them
  for (int i = 10; i < 10010; ++i) rig.write(fmt::format("{}", i));
  CHECK_FALSE(rig.writer->flush(1ms));
  CHECK_EQ(rig.drain->taken(), "");
  rig.drain->set(rig.drain->stuck, false);
  REQUIRE(rig.flush());
  std::string expected = "info  first\n";
  for (int i = 10; i < 21; ++i) expected += fmt::format("info  {}\n", i);
  expected += "warn  9989 lines of the log are lost: they came faster than they could be written\n";
  CHECK_EQ(rig.drain->taken(), expected);
  rig.write("again");
  REQUIRE(rig.flush());
  CHECK_EQ(rig.drain->taken(), expected + "info  again\n");
}

TEST_CASE("lines that a full sink refuses are counted, and the count comes before the next one") {
  Rig rig;
  rig.drain->set(rig.drain->full, true);
  for (int i = 0; i < 3; ++i) {
    rig.write("lost");
    REQUIRE(rig.flush());
  }
  CHECK_EQ(rig.drain->taken(), "");
  rig.drain->set(rig.drain->full, false);
  rig.write("there");
  REQUIRE(rig.flush());
  CHECK_EQ(rig.drain->taken(), "warn  3 lines of the log are lost: no space\ninfo  there\n");
}

TEST_CASE("what is left of a torn line has a line of its own, and counts as lost") {
  Rig rig;
  rig.drain->takes = 4;
  rig.write("torn");
  REQUIRE(rig.flush());
  rig.drain->set(rig.drain->full, false);
  rig.write("whole");
  REQUIRE(rig.flush());
  CHECK_EQ(rig.drain->taken(), "info\nwarn  1 line of the log is lost: no space\ninfo  whole\n");
}

TEST_CASE("a burst of lines becomes few writes, in order") {
  Rig rig({.pause = 1h});
  rig.write("first");
  REQUIRE(rig.flush());
  for (int i = 0; i < 3; ++i) rig.write(fmt::format("{}", i));
  CHECK_EQ(rig.drain->taken(), "info  first\n");
  REQUIRE(rig.flush());
  CHECK_EQ(rig.drain->taken(), "info  first\ninfo  0\ninfo  1\ninfo  2\n");
}

TEST_CASE("lines still go out when the writer is gone, unless the sink hangs") {
  Rig rig;
  rig.drain->set(rig.drain->stuck, true);
  rig.write("first");
  rig.drain->wait_until_hit();
  rig.write("second");
  rig.writer.reset();  // waits for nobody
  rig.drain->set(rig.drain->stuck, false);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (rig.drain->taken() != "info  first\ninfo  second\n") {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(1ms);
  }
}

TEST_CASE("a file is opened anew when asked to, and it is said once where it cannot be") {
  Rig rig;
  rig.write("old");
  rig.writer->reopen();
  REQUIRE(rig.flush());
  CHECK_EQ(rig.drain->opened, 1);
  rig.drain->set(rig.drain->cannot_reopen, true);
  for (int i = 0; i < 2; ++i) {
    rig.writer->reopen();
    rig.write("still there");
    REQUIRE(rig.flush());
  }
  CHECK_EQ(rig.drain->taken(),
           "info  old\nerror the file cannot be begun again\ninfo  still there\n"
           "info  still there\n");
}

TEST_CASE("a journal is told each line's priority") {
  Rig rig({}, true);
  for (const auto level :
       {LogLevel::error, LogLevel::warn, LogLevel::info, LogLevel::debug, LogLevel::trace})
    rig.write("m", level);
  REQUIRE(rig.flush());
  CHECK_EQ(rig.drain->taken(), "<3>error m\n<4>warn  m\n<6>info  m\n<7>debug m\n<7>trace m\n");
}

}  // namespace
}  // namespace tunnel
