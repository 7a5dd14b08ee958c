// A log whose lines a test can look at.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "log/log.hpp"
#include "log/log_sink.hpp"

namespace tunnel::test {

class LogLines {
 public:
  explicit LogLines(Log::Settings settings = {})
      : log_(std::make_unique<Log>(settings, std::make_unique<Sink>(kept_))) {}

  Log& log() { return *log_; }

  // Another log's way to what is kept here.
  std::unique_ptr<LogSink> sink() const { return std::make_unique<Sink>(kept_); }

  // All so far.
  std::string text() {
    REQUIRE(log_->flush(std::chrono::seconds(20)));
    const std::lock_guard lock(kept_->mutex);
    return kept_->text;
  }
  std::vector<std::string> lines() {
    std::istringstream text(this->text());
    std::vector<std::string> out;
    for (std::string line; std::getline(text, line);) out.push_back(line);
    return out;
  }

 private:
  struct Kept {
    std::mutex mutex;
    std::string text;
  };
  class Sink : public LogSink {
   public:
    explicit Sink(std::shared_ptr<Kept> kept) : kept_(std::move(kept)) {}
    Written write(std::string_view lines) override {
      const std::lock_guard lock(kept_->mutex);
      kept_->text += lines;
      return {lines.size()};
    }

   private:
    const std::shared_ptr<Kept> kept_;
  };

  const std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
  const std::unique_ptr<Log> log_;
};

}  // namespace tunnel::test
