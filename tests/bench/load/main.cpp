// The load of the benchmark: clients and devices around the program that is measured. Linux only.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>

#include "commands.hpp"

namespace load {

Options::Options(int count, char** words) {
  for (int i = 0; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (!name.starts_with("--")) fail("not an option: " + name);
    values_[name.substr(2)] = words[i + 1];
  }
}

std::vector<std::uint64_t> Options::numbers(const std::string& name) const {
  std::vector<std::uint64_t> numbers;
  const auto found = values_.find(name);
  if (found == values_.end()) return numbers;
  const char* at = found->second.data();
  const char* const end = at + found->second.size();
  while (at < end) {
    std::uint64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || (next != end && *next != ',')) fail("--" + name + " takes numbers");
    numbers.push_back(number);
    at = next + 1;
  }
  return numbers;
}

std::uint64_t Options::number(const std::string& name, std::uint64_t otherwise) const {
  const auto found = numbers(name);
  return found.empty() ? otherwise : found.front();
}

std::uint16_t Options::port(const std::string& name) const {
  const std::uint64_t port = number(name, 0);
  if (port == 0 || port > 65535) fail("--" + name + " is a port");
  return static_cast<std::uint16_t>(port);
}

Meter Options::meter() const {
  std::vector<pid_t> pids;
  for (const std::uint64_t pid : numbers("pids")) pids.push_back(static_cast<pid_t>(pid));
  return Meter(std::move(pids));
}

}  // namespace load

int main(int argc, char** argv) {
  const std::map<std::string, void (*)(const load::Options&)> commands = {{"carry", load::carry},
                                                                          {"ping", load::ping},
                                                                          {"brief", load::brief},
                                                                          {"grow", load::grow},
                                                                          {"copy", load::copy}};
  const auto command = argc > 1 ? commands.find(argv[1]) : commands.end();
  if (command == commands.end()) {
    std::fprintf(
        stderr,
        "usage: load carry|ping|brief|grow|copy --front PORT --back PORT [--pids N,N] ...\n");
    return 2;
  }
  // Nothing is left behind: it ends with whoever started it, and after its time.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    const load::Options options(argc - 2, argv + 2);
    alarm(static_cast<unsigned>(options.number("seconds", 120)));
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    command->second(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
