// The watcher's thread.
#include "server/file_watcher.hpp"

#include <chrono>
#include <new>
#include <utility>

namespace tunnel {

namespace {

constexpr std::chrono::seconds period{1};

}  // namespace

FileWatcher::~FileWatcher() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void FileWatcher::watch(FileStamps read, OnChange on_change) {
  if (read.empty() && !thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    next_ = Watch{FileChanges(std::move(read)), std::move(on_change)};
  }
  woken_.notify_one();
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void FileWatcher::run() {
  Watch watch{FileChanges({}), {}};
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (next_) watch = *std::exchange(next_, std::nullopt);
    const auto files = watch.changes.files();
    const auto due = [this] { return stopping_ || next_.has_value(); };
    if (files.empty()) {
      woken_.wait(lock, due);
      continue;
    }
    if (woken_.wait_for(lock, period, due)) continue;
    lock.unlock();
    try {
      if (const auto changed = watch.changes.poll(stamps_of(files)); !changed.empty())
        watch.on_change(changed);
    } catch (const std::bad_alloc&) {
      // there may be memory at the next look
    }
    lock.lock();
  }
}

}  // namespace tunnel
