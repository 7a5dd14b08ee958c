// Watches files for changes on a dedicated thread.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/file_stamps.hpp"

namespace tunnel {

// Looks at the files at regular intervals rather than asking the system for events: that notices
// every way of replacing a file, through links and on network file systems too, and is the same on
// every platform. A file system that doesn't answer holds up nothing but this thread.
class FileWatcher {
 public:
  // Called on the watcher's thread with the files that have changed and come to rest.
  using OnChange = std::function<void(const std::vector<std::filesystem::path>& changed)>;

  FileWatcher() = default;
  ~FileWatcher();  // waits for a call that is under way
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Watches these files instead, from the state in which they were read. Starts the thread if
  // there is anything to watch; throws std::system_error if that fails.
  void watch(FileStamps read, OnChange on_change);

 private:
  struct Watch {
    FileChanges changes;
    OnChange on_change;
  };

  void run();

  std::mutex mutex_;
  std::condition_variable woken_;
  std::optional<Watch> next_;  // what to watch instead
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tunnel
