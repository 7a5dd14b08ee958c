// When a service closes, by clocks that a test can set.
#include "server/service_schedule.hpp"

#include <doctest/doctest.h>

#include "os/process/clock.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Now = ServiceSchedule::Now;

const std::chrono::sys_time<milliseconds> noon =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

// Both clocks so long after the start.
Now after(milliseconds time) { return {1000h + time, noon + time}; }

config::Service open_for(milliseconds time) {
  config::Service settings;
  settings.open_for = time;
  return settings;
}

config::Service until(milliseconds after_noon) {
  config::Service settings;
  settings.until = config::Instant{noon + after_noon, "then"};
  return settings;
}

TEST_CASE("without a closing time there is none") {
  const ServiceSchedule never(config::Service(), after(0ms));
  CHECK_FALSE(never.set());
}

TEST_CASE("the warnings come five minutes and one minute ahead, and then the end") {
  for (const config::Service& settings : {open_for(30min), until(30min)}) {
    ServiceSchedule closing(settings, after(0ms));
    REQUIRE(closing.set());
    std::vector<std::pair<milliseconds, milliseconds>> warnings;
    milliseconds time{0};
    for (;;) {
      const auto look = closing.look(after(time));
      if (look.over) break;
      if (look.warning) warnings.emplace_back(time, *look.warning);
      CHECK(look.again > 0ms);
      CHECK(look.again <= 30s);
      time += look.again;
    }
    CHECK(time == 30min);
    CHECK(warnings ==
          std::vector<std::pair<milliseconds, milliseconds>>{{25min, 5min}, {29min, 1min}});
  }
}

TEST_CASE("a short time is not warned of") {
  ServiceSchedule minute(open_for(1min), after(0ms));
  CHECK_FALSE(minute.look(after(0ms)).warning.has_value());
  CHECK_FALSE(minute.look(after(30s)).warning.has_value());
  CHECK(minute.look(after(1min)).over);
  ServiceSchedule two(open_for(2min), after(0ms));
  CHECK_FALSE(two.look(after(0ms)).warning.has_value());
  CHECK(two.look(after(1min)).warning == 1min);
  ServiceSchedule second(open_for(1s), after(0ms));
  CHECK(second.look(after(0ms)).again == 1s);
  CHECK(second.look(after(999ms)).again == 1ms);
}

TEST_CASE("a sleep is counted, and what it has skipped is said once") {
  ServiceSchedule closing(open_for(30min), after(0ms));
  CHECK_FALSE(closing.look(after(10min)).warning.has_value());
  CHECK(closing.look(after(29min + 30s)).warning == 30s);
  CHECK_FALSE(closing.look(after(29min + 40s)).warning.has_value());
  ServiceSchedule slept(until(30min), after(0ms));
  CHECK(slept.look(after(8h)).over);
}

TEST_CASE("open_for does not heed a wall clock that is set, until does") {
  ServiceSchedule span(open_for(30min), after(0ms));
  CHECK_FALSE(span.look({1000h + 1min, noon + 24h}).over);
  CHECK_FALSE(span.look({1000h + 1min, noon - 24h}).over);
  CHECK(span.look({1000h + 30min, noon - 24h}).over);

  ServiceSchedule moment(until(30min), after(0ms));
  CHECK(moment.look({1000h + 26min, noon + 26min}).warning == 4min);
  // set back: it is later than it seemed, and said again when it comes
  CHECK_FALSE(moment.look({1000h + 27min, noon}).warning.has_value());
  CHECK(moment.look({1000h + 54min, noon + 26min}).warning == 4min);
  CHECK(moment.look({1000h + 55min, noon + 30min}).over);
  ServiceSchedule jumped(until(30min), after(0ms));
  CHECK(jumped.look({1000h + 1s, noon + 31min}).over);
}

TEST_CASE("the far future is far") {
  config::Service settings;
  settings.until = config::Instant{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31),
                                   "9999-12-31T00:00:00Z"};
  ServiceSchedule closing(settings, after(0ms));
  CHECK_FALSE(closing.look(after(0ms)).over);
  CHECK_EQ(closing.text(), "until = 9999-12-31T00:00:00Z");
  CHECK_EQ(ServiceSchedule(open_for(30min), after(0ms)).text(), "open_for = 30m00s");
}

TEST_CASE("a reload moves the end, and not the beginning") {
  ServiceSchedule closing(open_for(30min), after(0ms));
  CHECK(closing.same(open_for(30min)));
  CHECK_FALSE(closing.same(open_for(31min)));
  CHECK_FALSE(closing.same(until(30min)));
  closing.renew(open_for(1h), after(20min));
  CHECK_FALSE(closing.look(after(59min + 59s)).over);
  CHECK(closing.look(after(1h)).over);
  // the same again is no reason to warn again
  ServiceSchedule warned(open_for(30min), after(0ms));
  CHECK(warned.look(after(25min)).warning == 5min);
  warned.renew(open_for(30min), after(26min));
  CHECK_FALSE(warned.look(after(26min)).warning.has_value());
  warned.renew(config::Service(), after(27min));
  CHECK_FALSE(warned.set());
}

TEST_CASE("the clock of this system goes on") {
  const auto first = os::since_boot();
  CHECK(first > 0ms);
  const auto wall = ServiceSchedule::now().wall;
  while (os::since_boot() <= first) {
  }
  CHECK(ServiceSchedule::now().wall >= wall);
}

}  // namespace
}  // namespace tunnel
