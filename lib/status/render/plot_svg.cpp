// Paths of SVG.
#include "status/render/plot_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "status/history.hpp"

namespace tunnel::status {

namespace {

constexpr double width = History::length.count();
constexpr double height = 100;

}  // namespace

double PlotSvg::x(double age) const { return std::clamp(width - age, 0.0, width); }

double PlotSvg::y(double value) const {
  double part = value / top_;
  if (bottom_ > 0)
    part = std::log10(std::max(value, bottom_) / bottom_) / std::log10(top_ / bottom_);
  return height - std::clamp(part, 0.0, 1.0) * height;
}

void PlotSvg::line(const std::vector<Point>& points, std::string_view style) {
  std::string path;
  std::string area;
  bool drawing = false;
  double last = 0;
  const auto close_area = [&] {
    if (drawing) area += fmt::format("L{:.0f} {:.0f}Z", last, height);
  };
  for (const Point& point : points) {
    if (!point.value) {
      close_area();
      drawing = false;
      continue;
    }
    const double at = x(point.age);
    const double level = y(*point.value);
    // a lone point is a dot
    path += fmt::format("{}{:.0f} {:.1f}", drawing ? "L" : "M", at, level);
    if (!drawing) path += "h0";
    area += drawing ? fmt::format("L{:.0f} {:.1f}", at, level)
                    : fmt::format("M{:.0f} {:.0f}L{:.0f} {:.1f}", at, height, at, level);
    drawing = true;
    last = at;
  }
  close_area();
  if (path.empty()) return;
  marks_ += fmt::format("<path class=\"area {0}\" d=\"{1}\"/><path class=\"line {0}\" d=\"{2}\"/>",
                        style, area, path);
}

void PlotSvg::whisker(double age, double low, double high, std::string_view style) {
  marks_ += fmt::format(
      "<path class=\"whisker {0}\" d=\"M{1:.0f} {2:.1f}V{3:.1f}\"/>"
      "<path class=\"dot {0}\" d=\"M{1:.0f} {2:.1f}h0\"/>",
      style, x(age), y(low), y(high));
}

void PlotSvg::bar(double age, double seconds, double from, double to, std::string_view style) {
  const double right = x(age);
  const double left = std::max(0.0, right - seconds);
  marks_ += fmt::format("<path class=\"bar {}\" d=\"M{:.0f} {:.1f}H{:.0f}V{:.1f}H{:.0f}Z\"/>",
                        style, left, y(from), right, y(to), left);
}

std::string PlotSvg::text(std::string_view description) const {
  std::string grid;
  for (const int line : {1, 2, 3, 4})
    grid += fmt::format("M{:.0f} 0V{:.0f}", width * line / 5, height);
  grid += fmt::format("M0 {0:.0f}H{1:.0f}", height / 2, width);
  return fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"{}\"><path class=\"grid\" d=\"{}\"/>{}</svg>",
      width, height, in_markup(description), grid, marks_);
}

double decade_top(double value, double least) {
  return std::pow(10, std::ceil(std::log10(std::max(value, least)) - 1e-6));
}

double round_top(double value, double least) {
  value = std::max(value, least);
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0})
    if (value <= step * power * 1.0001) return step * power;
  return 10 * power;
}

}  // namespace tunnel::status
