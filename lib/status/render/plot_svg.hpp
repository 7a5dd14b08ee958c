// The drawing area of a plot: ten minutes wide, with lines, whiskers and bars by value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel::status {

// Now is at the right edge. The size on the page is the style's:
// strokes keep their width, and there is no text within.
class PlotSvg {
 public:
  // `top` is the value at the top edge, more than zero. With a `bottom` of more than zero the scale
  // is logarithmic.
  explicit PlotSvg(double top, double bottom = 0) : top_(top), bottom_(bottom) {}

  struct Point {
    double age = 0;               // seconds before now
    std::optional<double> value;  // nothing: a gap
  };
  // Points in the order of time. `style` is a class of the page's style.
  void line(const std::vector<Point>& points, std::string_view style);
  // A dot at `low` with a whisker up to `high`.
  void whisker(double age, double low, double high, std::string_view style);
  // A bar from `from` to `to` over the interval that ends there.
  void bar(double age, double seconds, double from, double to, std::string_view style);

  // `description` is for those who can't see it.
  std::string text(std::string_view description) const;

 private:
  double x(double age) const;
  double y(double value) const;

  const double top_;
  const double bottom_;
  std::string marks_;
};

// The next power of ten that is not below the value; `least` at the least.
double decade_top(double value, double least);

// The next of 1, 2, 5, 10, 20, ... that is not below the value; `least` at the least.
double round_top(double value, double least);

}  // namespace tunnel::status
