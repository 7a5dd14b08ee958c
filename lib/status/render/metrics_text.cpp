// Lines of the text format.
#include "status/render/metrics_text.hpp"

#include <fmt/format.h>

namespace tunnel::status {

std::string MetricsText::escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string MetricsText::label(const ServiceStatus& service) {
  return fmt::format("service=\"{}\"", escaped(service.name));
}

void MetricsText::family(std::string_view name, std::string_view kind, std::string_view help) {
  name_ = name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, kind);
}

void MetricsText::line(std::string_view suffix, const std::string& labels,
                       const std::string& value) {
  text_ += fmt::format("{}{}{}{}{} {}\n", name_, suffix, labels.empty() ? "" : "{", labels,
                       labels.empty() ? "" : "}", value);
}

void MetricsText::sample(const std::string& labels, double value) {
  line("", labels, fmt::format("{}", value));
}

void MetricsText::sample(const std::string& labels, std::uint64_t value) {
  line("", labels, fmt::format("{}", value));
}

// The format wants each bucket to count the smaller ones, too.
void MetricsText::sample(const std::string& labels, const DurationHistogram& value) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < value.buckets().size(); ++i) {
    sum += value.buckets()[i];
    const auto& bounds = DurationHistogram::bounds;
    const std::string bound = i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf";
    line("_bucket", fmt::format("{},le=\"{}\"", labels, bound), fmt::format("{}", sum));
  }
  line("_sum", labels, fmt::format("{}", value.sum().count()));
  line("_count", labels, fmt::format("{}", sum));
}

void MetricsText::services(std::string_view name, std::string_view kind, std::string_view help,
                           const std::function<std::uint64_t(const ServiceStatus&)>& value) {
  family(name, kind, help);
  for (const ServiceStatus& service : snapshot_.services) sample(label(service), value(service));
}

}  // namespace tunnel::status
