// Prometheus's text format 0.0.4, family by family.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "relay/duration_histogram.hpp"
#include "status/snapshot.hpp"

namespace tunnel::status {

class MetricsText {
 public:
  // The snapshot outlives it.
  explicit MetricsText(const Snapshot& snapshot) : snapshot_(snapshot) {}

  // The samples after it are of this family. `name` outlives them; `kind` is counter, gauge or
  // histogram.
  void family(std::string_view name, std::string_view kind, std::string_view help);
  void sample(const std::string& labels, double value);
  void sample(const std::string& labels, std::uint64_t value);
  void sample(const std::string& labels, const DurationHistogram& value);
  // A family with one sample for each service.
  void services(std::string_view name, std::string_view kind, std::string_view help,
                const std::function<std::uint64_t(const ServiceStatus&)>& value);

  // service="vnc"
  static std::string label(const ServiceStatus& service);
  static std::string escaped(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, const std::string& labels, const std::string& value);

  const Snapshot& snapshot_;
  std::string_view name_;
  std::string text_;
};

// Handshakes, targets and times.
void add_connection_metrics(MetricsText& page, const Snapshot& snapshot);

}  // namespace tunnel::status
