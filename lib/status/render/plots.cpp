// Which plots a service has, and their numbers in words.
#include "status/render/plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "base/text.hpp"
#include "status/history.hpp"
#include "status/render/plot_svg.hpp"

namespace tunnel::status {

namespace {

struct Moment {
  double age = 0;
  double seconds = 0;  // since the sample before
  ServiceSample sample;
};

// The service's samples; those in which it was not there yet are left out.
std::vector<Moment> moments_of(const ServiceStatus& service, const Snapshot& snapshot) {
  std::vector<Moment> out;
  const double usual = std::chrono::duration<double>(History::interval).count();
  std::optional<History::Time> before;
  for (const auto& sample : snapshot.history) {
    const std::chrono::duration<double> age = snapshot.taken - sample->at;
    const std::chrono::duration<double> since = sample->at - before.value_or(sample->at);
    const auto found = sample->services.find(service.name);
    if (age <= History::length && found != sample->services.end())
      out.push_back({age.count(), before ? since.count() : usual, found->second});
    before = sample->at;
  }
  return out;
}

std::string rate_of(double bytes) {
  return bytes_text(static_cast<std::uint64_t>(bytes + 0.5)) + "/s";
}

std::string seconds_text(double seconds) {
  if (seconds < 0.01) return fmt::format("{:.2g} ms", seconds * 1000);
  return duration_text(std::chrono::milliseconds(std::lround(seconds * 1000)));
}

struct Entry {
  std::string_view style;
  std::string name;
  std::string value;
};

// The frame around a drawing: what it shows, its newest values, and its scale.
std::string figure(std::string_view title, const std::vector<Entry>& legend,
                   const std::string& drawing, const std::string& top,
                   const std::string& bottom = {}) {
  std::string entries;
  for (const Entry& entry : legend)
    entries += fmt::format("<span class=\"key\"><i class=\"{}\"></i>{} <b>{}</b></span>",
                           entry.style, entry.name, entry.value);
  return fmt::format(
      "<figure><figcaption><span class=\"title\">{}</span>{}</figcaption>"
      "<div class=\"plot\"><span class=\"top\">{}</span>{}<span class=\"bottom\">{}</span></div>"
      "</figure>",
      title, entries, top, drawing, bottom);
}

// A gap where the program was asleep or the service was not there.
std::vector<PlotSvg::Point> points_of(const std::vector<Moment>& moments,
                                      const std::function<double(const ServiceSample&)>& value) {
  std::vector<PlotSvg::Point> out;
  const double longest = 2.5 * std::chrono::duration<double>(History::interval).count();
  for (const Moment& moment : moments) {
    if (!out.empty() && out.back().age - moment.age > longest) out.push_back({moment.age, {}});
    out.push_back({moment.age, value(moment.sample)});
  }
  return out;
}

double highest(const std::vector<PlotSvg::Point>& points) {
  double out = 0;
  for (const PlotSvg::Point& point : points) out = std::max(out, point.value.value_or(0));
  return out;
}

double newest(const std::vector<PlotSvg::Point>& points) {
  return points.empty() ? 0 : points.back().value.value_or(0);
}

std::string traffic(const std::vector<Moment>& moments) {
  const auto up = points_of(moments, [](const ServiceSample& s) { return s.up; });
  const auto down = points_of(moments, [](const ServiceSample& s) { return s.down; });
  const double top = round_top(std::max(highest(up), highest(down)), 1000);
  PlotSvg plot(top);
  plot.line(down, "c0");
  plot.line(up, "c1");
  const std::string now_up = rate_of(newest(up));
  const std::string now_down = rate_of(newest(down));
  return figure(
      "Traffic", {{"c1", "up", now_up}, {"c0", "down", now_down}},
      plot.text(fmt::format("bytes per second: {} up and {} down now, at most {} up and "
                            "{} down in ten minutes",
                            now_up, now_down, rate_of(highest(up)), rate_of(highest(down)))),
      rate_of(top));
}

std::string connections(const std::vector<Moment>& moments, std::uint64_t now) {
  const auto open =
      points_of(moments, [](const ServiceSample& s) { return static_cast<double>(s.open); });
  const double top = round_top(highest(open), 5);
  PlotSvg plot(top);
  plot.line(open, "c2");
  return figure("Connections", {{"c2", "open", fmt::format("{}", now)}},
                plot.text(fmt::format("open connections: {} now, at most {:.0f} in ten minutes",
                                      now, highest(open))),
                fmt::format("{:.0f}", top));
}

std::string times(std::string_view title, const std::vector<Moment>& moments,
                  const TimeSample ServiceSample::*which, std::string_view style) {
  double sum = 0;
  double slowest = 0;
  double count = 0;
  for (const Moment& moment : moments) {
    const TimeSample& times = moment.sample.*which;
    sum += static_cast<double>(times.mean) * times.count;
    count += times.count;
    slowest = std::max(slowest, static_cast<double>(times.p95));
  }
  // a slow one among many must not hide how the others change
  constexpr double bottom = 0.0001;
  const double top = decade_top(slowest, 0.01);
  PlotSvg plot(top, bottom);
  for (const Moment& moment : moments)
    if (const TimeSample& times = moment.sample.*which; times.count > 0)
      plot.whisker(moment.age, times.mean, times.p95, style);
  if (count == 0)
    return figure(title, {{"", "none", ""}}, plot.text(fmt::format("{} in ten minutes: 0", title)),
                  "");
  const std::string mean = seconds_text(sum / count);
  const std::string worst = seconds_text(slowest);
  return figure(title, {{style, "mean", mean}, {"", "worst p95", worst}},
                plot.text(fmt::format("{} in ten minutes: {:.0f}, mean {}, worst p95 {}", title,
                                      count, mean, worst)),
                seconds_text(top), seconds_text(bottom));
}

struct Cause {
  std::string_view name;
  std::string_view style;
  std::function<std::uint32_t(const ServiceSample&)> count = {};
  std::uint64_t sum = 0;
};

// A cause has the same colour always; those that seldom come together share one.
const std::array<Cause, tls::failure_causes> handshake_causes = {{{"handshake timeout", "c2"},
                                                                  {"closed by the peer", "c3"},
                                                                  {"not TLS", "c1"},
                                                                  {"nothing in common", "c2"},
                                                                  {"certificate", "c5"},
                                                                  {"alert by the peer", "c0"},
                                                                  {"broken TLS", "c4"},
                                                                  {"ended by a limit", "c2"},
                                                                  {"internal", "c4"}}};
// A failed handshake is counted above.
const std::array<Cause, target_failures> target_causes = {{{"connect timeout", "c1"},
                                                           {"refused", "c3"},
                                                           {"unreachable", "c4"},
                                                           {"name not found", "c0"},
                                                           {"", ""},
                                                           {"not reached", "c2"}}};

// The most frequent first.
std::vector<Cause> causes_of(const std::vector<Moment>& moments) {
  std::vector<Cause> out;
  for (std::size_t i = 0; i < handshake_causes.size(); ++i) {
    out.push_back(handshake_causes[i]);
    out.back().count = [i](const ServiceSample& s) { return s.failed_handshakes[i]; };
  }
  for (std::size_t i = 0; i < target_causes.size(); ++i) {
    if (target_causes[i].name.empty()) continue;
    out.push_back(target_causes[i]);
    out.back().count = [i](const ServiceSample& s) { return s.failed_targets[i]; };
  }
  for (Cause& cause : out)
    for (const Moment& moment : moments) cause.sum += cause.count(moment.sample);
  std::erase_if(out, [](const Cause& cause) { return cause.sum == 0; });
  std::ranges::stable_sort(out, std::greater(), &Cause::sum);
  return out;
}

std::string failures(const std::vector<Moment>& moments) {
  const std::vector<Cause> causes = causes_of(moments);
  double highest = 0;
  for (const Moment& moment : moments) {
    double sum = 0;
    for (const Cause& cause : causes) sum += cause.count(moment.sample);
    highest = std::max(highest, sum);
  }
  const double top = round_top(highest, 5);
  PlotSvg plot(top);
  for (const Moment& moment : moments) {
    double level = 0;
    for (const Cause& cause : causes) {
      const double count = cause.count(moment.sample);
      if (count > 0) plot.bar(moment.age, moment.seconds, level, level + count, cause.style);
      level += count;
    }
  }
  std::vector<Entry> legend;
  std::string words;
  for (const Cause& cause : causes) {
    legend.push_back({cause.style, std::string(cause.name), fmt::format("{}", cause.sum)});
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", cause.name, cause.sum);
  }
  if (causes.empty()) legend.push_back({"", "none", ""});
  return figure("Failures", legend,
                plot.text("failures in ten minutes: " + (words.empty() ? "none" : words)),
                causes.empty() ? std::string() : fmt::format("{:.0f}", top));
}

}  // namespace

std::string plots_of(const ServiceStatus& service, const Snapshot& snapshot) {
  const std::vector<Moment> moments = moments_of(service, snapshot);
  std::string out = "<div class=\"plots\">" + traffic(moments) +
                    connections(moments, service.open) +
                    times("Connect time", moments, &ServiceSample::connects, "c4");
  if (service.mode != "plain")
    out += times("Handshake time", moments, &ServiceSample::handshakes, "c5");
  return out + failures(moments) +
         "</div>\n<p class=\"axis\">the last ten minutes, two minutes to a grid line</p>\n";
}

}  // namespace tunnel::status
