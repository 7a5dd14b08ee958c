// From the command line to a running server: the only file that exits.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "config/load.hpp"
#include "options.hpp"
#include "os/process.hpp"
#include "tls/authorities.hpp"
#include "tls/context.hpp"
#include "tunnel/server.hpp"

namespace tunnel {

namespace {

enum Status { done = 0, failed = 1, misused = 2 };

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

void print(std::FILE* out, const std::string& text) { std::fputs(text.c_str(), out); }

int run(const Options& options) {
  config::Checked checked = config::load(options.config, options.overrides, environment_variable);
  const auto tuning = tls::tuning_from(environment_variable);
  if (!tuning) {
    print(stderr, "tunnel: " + tuning.error().message() + "\n");
    return misused;
  }
  std::vector<std::shared_ptr<const tls::Context>> contexts;
  {
    tls::AuthorityCache authorities;
    for (const config::Service& service : checked.config.services)
      contexts.push_back(service.tls ? tls::Context::make(service, checked.mistakes, *tuning, &authorities)
                                     : nullptr);
  }
  if (!checked.mistakes.empty()) {
    for (const config::Mistake& mistake : checked.mistakes) print(stderr, mistake.text() + "\n");
    return misused;
  }
  const config::Config& config = checked.config;
  if (options.test) {
    print(stdout, fmt::format("{}: no mistakes, {} service{}\n", options.config,
                              config.services.size(), config.services.size() == 1 ? "" : "s"));
    return done;
  }

  std::unique_ptr<Log> log;
  if (config.log.file) {
    auto opened = Log::to_file(config.log.settings, config.log.file->string());
    if (!opened) {
      print(stderr, "tunnel: " + opened.error().message() + "\n");
      return failed;
    }
    log = std::move(*opened);
  } else {
    log = std::make_unique<Log>(config.log.settings);
  }

  os::prepare_process();
  Server server(config, contexts, *log);
  if (!server.listen()) return failed;
  const bool hurried = server.run();
  // a lookup that hangs in the system cannot be ended, and must not hold up the end
  if (hurried) std::_Exit(done);
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    std::_Exit(done);
  }).detach();
  return done;
}

}  // namespace

}  // namespace tunnel

int main(int argc, char** argv) {
  try {
    const auto parsed = tunnel::parse_options(argc, argv);
    if (const auto* answer = std::get_if<tunnel::Answer>(&parsed)) {
      tunnel::print(answer->status == tunnel::done ? stdout : stderr, answer->text);
      return answer->status;
    }
    return tunnel::run(std::get<tunnel::Options>(parsed));
  } catch (const std::exception& error) {
    tunnel::print(stderr,
                  fmt::format("tunnel: stopped by a defect of its own: {}\n    please report it\n",
                              error.what()));
    return tunnel::failed;
  }
}
