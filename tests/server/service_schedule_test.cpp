// When a service closes, by clocks that the test sets.
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

// Both clocks at that time after the start.
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
  CHECK_FALSE(never.is_set());
}

TEST_CASE("the time that is left runs by the clock of the setting") {
  const ServiceSchedule lasting(open_for(30min), after(0ms));
  CHECK(lasting.left(after(10min)) == 20min);
  CHECK(lasting.left(after(31min)) == -1min);
  const ServiceSchedule dated(until(30min), after(10min));
  CHECK(dated.left(after(10min)) == 20min);
}

TEST_CASE("the warnings come five minutes and one minute ahead, and then the end") {
  for (const config::Service& settings : {open_for(30min), until(30min)}) {
    ServiceSchedule closing(settings, after(0ms));
    REQUIRE(closing.is_set());
    std::vector<std::pair<milliseconds, milliseconds>> warnings;
    milliseconds time{0};
    for (;;) {
      const auto state = closing.poll(after(time));
      if (state.expired) break;
      if (state.warning) warnings.emplace_back(time, *state.warning);
      CHECK(state.next_poll > 0ms);
      CHECK(state.next_poll <= 30s);
      time += state.next_poll;
    }
    CHECK(time == 30min);
    CHECK(warnings ==
          std::vector<std::pair<milliseconds, milliseconds>>{{25min, 5min}, {29min, 1min}});
  }
}

TEST_CASE("a time too short for a warning has none") {
  ServiceSchedule minute(open_for(1min), after(0ms));
  CHECK_FALSE(minute.poll(after(0ms)).warning.has_value());
  CHECK_FALSE(minute.poll(after(30s)).warning.has_value());
  CHECK(minute.poll(after(1min)).expired);
  ServiceSchedule two(open_for(2min), after(0ms));
  CHECK_FALSE(two.poll(after(0ms)).warning.has_value());
  CHECK(two.poll(after(1min)).warning == 1min);
  ServiceSchedule second(open_for(1s), after(0ms));
  CHECK(second.poll(after(0ms)).next_poll == 1s);
  CHECK(second.poll(after(999ms)).next_poll == 1ms);
}

TEST_CASE("time asleep counts, and one warning stands for those that it skipped") {
  ServiceSchedule closing(open_for(30min), after(0ms));
  CHECK_FALSE(closing.poll(after(10min)).warning.has_value());
  CHECK(closing.poll(after(29min + 30s)).warning == 30s);
  CHECK_FALSE(closing.poll(after(29min + 40s)).warning.has_value());
  ServiceSchedule slept(until(30min), after(0ms));
  CHECK(slept.poll(after(8h)).expired);
}

TEST_CASE("setting the wall clock moves until, not open_for") {
  ServiceSchedule span(open_for(30min), after(0ms));
  CHECK_FALSE(span.poll({1000h + 1min, noon + 24h}).expired);
  CHECK_FALSE(span.poll({1000h + 1min, noon - 24h}).expired);
  CHECK(span.poll({1000h + 30min, noon - 24h}).expired);

  ServiceSchedule moment(until(30min), after(0ms));
  CHECK(moment.poll({1000h + 26min, noon + 26min}).warning == 4min);
  // set back: more time is left than there seemed to be, so the warning comes again
  CHECK_FALSE(moment.poll({1000h + 27min, noon}).warning.has_value());
  CHECK(moment.poll({1000h + 54min, noon + 26min}).warning == 4min);
  CHECK(moment.poll({1000h + 55min, noon + 30min}).expired);
  ServiceSchedule jumped(until(30min), after(0ms));
  CHECK(jumped.poll({1000h + 1s, noon + 31min}).expired);
}

TEST_CASE("the far future is far") {
  config::Service settings;
  settings.until = config::Instant{std::chrono::sys_days(std::chrono::year(9999) / 12 / 31),
                                   "9999-12-31T00:00:00Z"};
  ServiceSchedule closing(settings, after(0ms));
  CHECK_FALSE(closing.poll(after(0ms)).expired);
  CHECK_EQ(closing.text(), "until = 9999-12-31T00:00:00Z");
  CHECK_EQ(ServiceSchedule(open_for(30min), after(0ms)).text(), "open_for = 30m00s");
}

TEST_CASE("a reload moves the end, and not the beginning") {
  ServiceSchedule closing(open_for(30min), after(0ms));
  CHECK(closing.matches(open_for(30min)));
  CHECK_FALSE(closing.matches(open_for(31min)));
  CHECK_FALSE(closing.matches(until(30min)));
  closing.apply(open_for(1h), after(20min));
  CHECK_FALSE(closing.poll(after(59min + 59s)).expired);
  CHECK(closing.poll(after(1h)).expired);
  // the same settings again bring no second warning
  ServiceSchedule warned(open_for(30min), after(0ms));
  CHECK(warned.poll(after(25min)).warning == 5min);
  warned.apply(open_for(30min), after(26min));
  CHECK_FALSE(warned.poll(after(26min)).warning.has_value());
  warned.apply(config::Service(), after(27min));
  CHECK_FALSE(warned.is_set());
}

TEST_CASE("the clocks of this system run") {
  const auto first = os::since_boot();
  CHECK(first > 0ms);
  const auto wall = ServiceSchedule::now().wall;
  while (os::since_boot() <= first) {
  }
  CHECK(ServiceSchedule::now().wall >= wall);
}

}  // namespace
}  // namespace tunnel
