// The keeper's loop: signals, the worker's reports, its end, and files that change.
#include "server/keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <new>
#include <utility>

#include "base/path.hpp"
#include "base/text.hpp"
#include "os/process/process.hpp"
#include "os/terminal/terminal.hpp"
#include "server/service_files.hpp"
#include "server/worker_report.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds look_period{1};
constexpr seconds longest_back_off{30};
constexpr seconds time_to_exit{10};
constexpr seconds time_to_serve{60};  // for a successor
constexpr seconds long_life{60};      // of a worker: the next one restarts without back-off

// Sent by a successor once it serves.
constexpr std::string_view serves_packet = "SERVES=1";

std::string ended_text(const os::Ended& ended, milliseconds back_off) {
  std::string out =
      ended.signal != 0
          ? fmt::format("{} killed the worker process, and its connections are lost",
                        ended.signal_name)
          : fmt::format("the worker process exited with status {} before it was ready",
                        ended.exit_status);
  out += back_off.count() == 0 ? "; restarted" : "; restarted after " + duration_text(back_off);
  return out;
}

}  // namespace

Keeper::Keeper(ConfigSource source, std::string file, std::shared_ptr<const os::FileCopies> first,
               const os::ServiceManager& manager, std::function<int(WorkerStart)> work)
    : source_(std::move(source)),
      file_(std::move(file)),
      manager_(manager),
      work_(std::move(work)),
      held_(manager),
      program_(os::program_path()),
      files_(std::move(first)) {}

Keeper::Loaded Keeper::load(config::Validated validated,
                            const std::shared_ptr<const os::FileCopies>& configuration) {
  Loaded out{std::move(validated), {}, nullptr};
  // before they are read, so that a change meanwhile is noticed
  out.stamps = stamps_of(watched_files(out.validated.config));
  os::FileCopies all = os::copies_of(all_files(out.validated.config));
  all.insert(configuration->begin(), configuration->end());
  out.files = std::make_shared<const os::FileCopies>(std::move(all));
  return out;
}

void Keeper::succeed(os::ControlSocket predecessor) {
  if (const auto message = predecessor.receive())
    if (const auto order = decode(message->text, message->descriptors))
      held_.adopt(order->listeners);
  predecessor_ = std::move(predecessor);
}

std::variant<int, Error> Keeper::run(config::Validated first) {
  os::hold_signals();
  Loaded loaded = load(std::move(first), files_);
  std::vector<BindRefusal> refusals;
  if (loaded.validated.mistakes.empty()) {
    refusals = held_.prepare(loaded.validated.config);
    held_.commit();
  }
  watch(std::move(loaded.stamps));
  files_ = std::move(loaded.files);
  if (auto started = start_worker(std::move(refusals)); !started) return started.error();
  for (;;) {
    try {
      if (auto result = step()) return *result;
    } catch (const std::bad_alloc&) {
      on_no_memory();
    }
  }
}

std::optional<std::variant<int, Error>> Keeper::step() {
  const auto event = os::wait_for_event(link_ ? &*link_ : nullptr,
                                        successor_ ? &*successor_ : nullptr, next_timeout());
  using Kind = os::SupervisionEvent::Kind;
  switch (event.kind) {
    case Kind::stop:
      if (restart_at_) return 0;
      stop(event.signal);
      break;
    case Kind::reload:
      on_hang_up_or_reload();
      break;
    case Kind::log_status:
      order({.kind = KeeperOrder::Kind::log_status});
      break;
    case Kind::message:
      on_message();
      break;
    case Kind::upgrade:
      upgrade();
      break;
    case Kind::successor:
      on_successor();
      break;
    case Kind::ended:
    case Kind::timeout:
      break;
  }
  while (const auto ended = os::ended_process())
    if (auto result = on_ended(*ended)) return result;
  if (auto failed = on_time()) return *failed;
  return std::nullopt;
}

void Keeper::on_no_memory() {
  // the addresses of a reload that the worker hasn't been sent
  if (!pending_) held_.roll_back();
  try {
    order({.kind = KeeperOrder::Kind::log,
           .cause = "the keeper is out of memory, so it has changed nothing"});
  } catch (const std::bad_alloc&) {
    // not even enough for the message
  }
}

Result<std::monostate> Keeper::start_worker(std::vector<BindRefusal> refusals) {
  auto link = os::ControlSocket::pair();
  if (!link) return link.error();
  const auto process = os::fork_worker();
  if (!process) return process.error();
  if (*process == 0) {
    os::become_worker(os::worker_title);
    predecessor_.reset();
    successor_.reset();
    WorkerStart start{std::move(link->second), os::FileView(std::exchange(files_, nullptr)),
                      held_.all(), std::move(refusals), std::move(note_)};
    link = Error{};  // the keeper's end
    // without destructors: the objects on this stack belong to the keeper
    std::exit(work_(std::move(start)));
  }
  link_ = std::move(link->first);
  worker_ = *process;
  ready_ = false;
  started_ = Clock::now();
  note_.clear();
  return std::monostate{};
}

void Keeper::watch(FileStamps stamps) {
  watched_.clear();
  for (const auto& [file, stamp] : stamps) watched_.push_back(file);
  changes_ = FileChanges(std::move(stamps));
}

// --- time

std::optional<milliseconds> Keeper::next_timeout() const {
  const auto until = [now = Clock::now()](Clock::time_point time) {
    return std::max(std::chrono::ceil<milliseconds>(time - now), milliseconds(0));
  };
  if (kill_at_) return until(*kill_at_);
  if (awaits_successor()) return std::min<milliseconds>(until(successor_due_), look_period);
  if (restart_at_) return std::min<milliseconds>(until(*restart_at_), look_period);
  if (watched_.empty()) return std::nullopt;
  return until(next_look_);
}

std::optional<Error> Keeper::on_time() {
  const auto now = Clock::now();
  if (awaits_successor() && now >= successor_due_) os::kill_process(successor_process_);
  if (kill_at_) {
    if (now >= *kill_at_) os::kill_process(worker_);
  } else if (restart_at_) {
    manager_.alive("the worker process is about to be restarted");
    if (now < *restart_at_) return std::nullopt;
    restart_at_.reset();
    if (auto started = start_worker({}); !started) return started.error();
  } else if (!watched_.empty() && now >= next_look_) {
    next_look_ = now + look_period;
    look_at_files();
  }
  return std::nullopt;
}

void Keeper::look_at_files() {
  if (pending_ || !ready_ || stopping_) return;
  auto changed = changes_.poll(stamps_of(watched_));
  if (changed.empty()) return;
  KeeperOrder out{.kind = KeeperOrder::Kind::renew};
  out.files = os::copies_of(watched_);
  out.changed = std::move(changed);
  // the configuration stays as it was when it was loaded
  os::FileCopies next = *files_;
  for (const auto& [path, copy] : out.files) next[path] = copy;
  Pending sent{std::make_shared<const os::FileCopies>(std::move(next)), std::nullopt};
  order(out);
  pending_ = std::move(sent);
}

// --- the worker

void Keeper::order(const KeeperOrder& order) {
  if (!link_) return;
  std::string message = encode(order);
  // if it can't be sent, the worker is stuck: the service manager's watchdog ends it
  link_->send(message, descriptors_of(order));
  // it may hold keys; volatile: the compiler may not leave it out
  for (volatile char& c : message) c = 0;
}

void Keeper::on_message() {
  const std::string packet = link_->receive_packet();
  if (packet.empty()) {
    // it is exiting, or has to be killed
    link_.reset();
    kill_at_ = Clock::now() + time_to_exit;
    return;
  }
  const WorkerReport report = parse_report(packet);
  // after an upgrade, only the successor's
  if (!report.for_manager.empty() && !left_) manager_.relay(report.for_manager);
  if (report.ready) {
    ready_ = served_ = true;
    if (predecessor_) predecessor_->send_packet(serves_packet);
    predecessor_.reset();
  }
  if (report.taken) on_taken(*report.taken);
  if (!next_reload_.empty()) reload(std::exchange(next_reload_, {}));
}

std::optional<std::variant<int, Error>> Keeper::on_ended(const os::Ended& ended) {
  if (ended.process == successor_process_ && !left_)
    upgrade_failed(ended.signal != 0 ? fmt::format("was killed by {}", ended.signal_name)
                                     : fmt::format("exited with status {}", ended.exit_status));
  if (ended.process != worker_) return std::nullopt;
  link_.reset();
  kill_at_.reset();
  if (pending_) on_taken(false);
  if (ended.signal == 0 && (ready_ || !served_ || stopping_)) return ended.exit_status;
  if (stopping_ || !served_)
    return Error{fmt::format("{} killed the worker process", ended.signal_name),
                 ended.signal_name == "SIGKILL" ? "" : "please report it"};
  const auto now = Clock::now();
  if (now - started_ >= long_life) back_off_ = milliseconds(0);
  note_ = ended_text(ended, back_off_);
  restart_at_ = now + back_off_;
  back_off_ = std::clamp<milliseconds>(back_off_ * 2, seconds(1), longest_back_off);
  return std::nullopt;
}

void Keeper::stop(std::string_view cause) {
  stopping_ = true;
  order({.kind = KeeperOrder::Kind::stop, .cause = std::string(cause)});
}

// A closed terminal sends SIGHUP to its programs, and its shell may send it once more.
void Keeper::on_hang_up_or_reload() {
  if (!os::has_hung_up(stdin) && !os::has_hung_up(stderr)) return reload("SIGHUP");
  if (!std::exchange(stopping_, true))
    order({.kind = KeeperOrder::Kind::stop, .cause = "the terminal is closed"});
}

// --- reloading

void Keeper::reload(std::string_view cause) {
  if (pending_ || !ready_ || awaits_successor()) {
    next_reload_ = cause;
    return;
  }
  const auto text = std::make_shared<const os::FileCopies>(os::copies_of({path_of(file_)}));
  Loaded loaded = load(source_.load(os::FileView(text)), text);
  KeeperOrder out{.kind = KeeperOrder::Kind::reload, .cause = std::string(cause)};
  out.files = *loaded.files;
  // the worker finds the mistakes, too, and logs them
  if (loaded.validated.mistakes.empty()) {
    out.refusals = held_.prepare(loaded.validated.config);
    if (out.refusals.empty())
      out.listeners = held_.added();
    else
      held_.roll_back();
  }
  order(out);
  pending_ = Pending{std::move(loaded.files), std::move(loaded.stamps)};
}

void Keeper::on_taken(bool taken) {
  if (!pending_) return;
  Pending answered = std::move(*std::exchange(pending_, std::nullopt));
  const bool is_reload = answered.stamps.has_value();
  if (is_reload && taken) held_.commit();
  if (is_reload && !taken) held_.roll_back();
  if (is_reload && taken) watch(std::move(*answered.stamps));
  if (taken) files_ = std::move(answered.files);
}

// --- upgrades

void Keeper::upgrade() {
  if (awaits_successor() || stopping_) return;
  auto sockets = os::ControlSocket::pair();
  if (!sockets) return upgrade_failed("can't be started: " + sockets.error().message());
  auto started =
      os::start_again(program_, sockets->second, successor_variable, manager_.environment());
  if (!started) return upgrade_failed(started.error().what);
  successor_ = std::move(sockets->first);
  successor_process_ = *started;
  successor_due_ = Clock::now() + time_to_serve;
  const KeeperOrder all{.kind = KeeperOrder::Kind::adopt, .listeners = held_.all()};
  successor_->send(encode(all), descriptors_of(all));
}

void Keeper::on_successor() {
  const bool serves = successor_->receive_packet() == serves_packet;
  successor_.reset();
  // its exit status will say why
  if (!serves) return;
  left_ = stopping_ = true;
  manager_.relay(fmt::format("MAINPID={}", successor_process_));
  os::set_title(fmt::format("tunnel: replaced by {}", successor_process_));
  held_.leave();
  watched_.clear();
  order({.kind = KeeperOrder::Kind::leave,
         .cause = fmt::format("process {} has taken over", successor_process_)});
}

void Keeper::upgrade_failed(const std::string& why) {
  successor_.reset();
  successor_process_ = 0;
  order({.kind = KeeperOrder::Kind::log,
         .cause = fmt::format("not upgraded: the new program {}; the old one keeps running", why)});
  if (!next_reload_.empty()) reload(std::exchange(next_reload_, {}));
}

}  // namespace tunnel
