// The process that keeps the rights the program was started with, while its worker does everything
// that touches the network.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "os/file/file_view.hpp"
#include "os/process/control_socket.hpp"
#include "os/process/supervision.hpp"
#include "os/service/service_manager.hpp"
#include "server/config_loader.hpp"
#include "server/file_stamps.hpp"
#include "server/held_listeners.hpp"
#include "server/keeper_order.hpp"

namespace tunnel {

// The variable in which a successor finds the number of its socket.
inline constexpr const char* successor_variable = "TUNNEL_SUCCESSOR";

// Passed to a worker when it starts.
struct WorkerStart {
  os::ControlSocket link;
  os::FileView files;                    // the configuration, and what it names
  std::vector<HandedAddress> listeners;  // all of them
  std::vector<BindRefusal> refusals;     // the addresses that can't be listened at
  std::string note;                      // an error to log; may be empty
};

// Reads files, binds addresses, and passes both to the worker. Forks the worker, and restarts it if
// a signal kills it. Accepts only the messages in worker_report.hpp from it. Copies certificates
// and keys without parsing them. Has one thread, no log and no mbedTLS.
class Keeper {
 public:
  using Clock = std::chrono::steady_clock;

  // `file` is the configuration's, and `first` the copy of it to start with: it may be a pipe.
  // `work` runs in the worker, and returns its exit status. The manager outlives the keeper.
  Keeper(ConfigSource source, std::string file, std::shared_ptr<const os::FileCopies> first,
         const os::ServiceManager& manager, std::function<int(WorkerStart)> work);
  // Before run(): takes over from the keeper at the other end.
  void succeed(os::ControlSocket predecessor);

  // `first` is the configuration in the copy. Returns the exit status of the worker once it exits,
  // or why there is none.
  std::variant<int, Error> run(config::Validated first);

 private:
  // A configuration as it is on disk.
  struct Loaded {
    config::Validated validated;
    FileStamps stamps;  // of the files to watch
    std::shared_ptr<const os::FileCopies> files;
  };
  // Sent to the worker, which hasn't answered yet.
  struct Pending {
    std::shared_ptr<const os::FileCopies> files;
    std::optional<FileStamps> stamps;  // of a reload
  };

  static Loaded load(config::Validated validated,
                     const std::shared_ptr<const os::FileCopies>& configuration);
  Result<std::monostate> start_worker(std::vector<BindRefusal> refusals);
  void watch(FileStamps stamps);
  std::optional<std::chrono::milliseconds> next_timeout() const;
  // Waits for an event and handles it. The result of run(), if it ends with that.
  std::optional<std::variant<int, Error>> step();
  void on_no_memory();
  // An error if the worker can't be started again.
  std::optional<Error> on_time();
  void look_at_files();
  void order(const KeeperOrder& order);
  void on_message();
  // The result of run(), if it ends with that.
  std::optional<std::variant<int, Error>> on_ended(const os::Ended& ended);
  void stop(std::string_view cause);
  void on_hang_up_or_reload();
  void reload(std::string_view cause);
  void on_taken(bool taken);
  void upgrade();
  bool awaits_successor() const { return successor_process_ != 0 && !left_; }
  void on_successor();
  void upgrade_failed(const std::string& why);

  const ConfigSource source_;
  const std::string file_;
  const os::ServiceManager& manager_;
  const std::function<int(WorkerStart)> work_;
  HeldListeners held_;

  std::optional<os::ControlSocket> link_;  // none: no worker
  int worker_ = 0;                         // its process id
  bool ready_ = false;                     // it has served
  bool served_ = false;                    // some worker has
  bool stopping_ = false;
  Clock::time_point started_;
  std::optional<Clock::time_point> restart_at_;  // there is no worker until then
  std::optional<Clock::time_point> kill_at_;     // it has closed its link and should have ended
  std::chrono::milliseconds back_off_{0};
  std::string note_;  // for the next worker's log

  const std::filesystem::path program_;  // where it was started from: another version by now
  std::optional<os::ControlSocket> predecessor_;  // until the first worker serves
  std::optional<os::ControlSocket> successor_;    // until it serves
  int successor_process_ = 0;                     // 0: there is none
  Clock::time_point successor_due_;
  bool left_ = false;  // the successor has the listeners

  std::shared_ptr<const os::FileCopies> files_;  // that the worker uses
  std::optional<Pending> pending_;
  std::string next_reload_;  // the cause of one that was asked for meanwhile
  std::vector<std::filesystem::path> watched_;
  FileChanges changes_{{}};
  Clock::time_point next_look_;
};

}  // namespace tunnel
