// The steps and the verdict of a check as text for a terminal.
#include "cmd/report/report_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "cmd/cli/wrap.hpp"
#include "log/terminal_colours.hpp"
#include "tls/engine.hpp"

namespace tunnel::cmd {

namespace {

using check::Step;
using check::StepStatus;
using check::Verdict;

constexpr std::size_t indent = 27;  // of the text of a step

struct Style {
  std::string_view word;
  std::string_view colour;
};

Style style_of(StepStatus status) {
  switch (status) {
    case StepStatus::ok:
      return {"ok", colour::green};
    case StepStatus::skipped:
      return {"skipped", colour::dim};
    case StepStatus::warning:
      return {"warn", colour::yellow};
    case StepStatus::failed:
      return {"failed", colour::red};
  }
  return {"?", ""};
}

std::string coloured(std::string_view text, std::string_view sequence, const ReportStyle& style) {
  return style.colours ? colour::paint(sequence, text) : std::string(text);
}

// Shorter than the names in JSON; in the order of the variant.
std::string_view label_of(const Step& step) {
  static constexpr std::array<std::string_view, 7> labels = {"cert",  "lookup", "tcp",     "tls",
                                                             "chain", "name",   "greeting"};
  static_assert(labels.size() == std::variant_size_v<decltype(Step::facts)>);
  return labels[step.facts.index()];
}

std::string validity(const x509::CertificateSummary& one, const ReportStyle& style) {
  const auto days = std::chrono::floor<std::chrono::days>(one.not_after - style.now).count();
  if (style.now < one.not_before)
    return fmt::format("valid from {} until {}; the clock here says {}", time_text(one.not_before),
                       date_text(one.not_after), time_text(style.now));
  if (one.not_after < style.now)
    return fmt::format("expired on {}; the clock here says {}", time_text(one.not_after),
                       time_text(style.now));
  return fmt::format("until {}, {} day{} left", date_text(one.not_after), days,
                     days == 1 ? "" : "s");
}

// The leaf in full, the certificates above it in short.
std::vector<std::string> chain_lines(const std::vector<x509::CertificateSummary>& chain,
                                     const ReportStyle& style) {
  std::vector<std::string> lines;
  for (const x509::CertificateSummary& one : chain) {
    const bool leaf = lines.empty();
    lines.push_back(one.subject.empty() ? "(no subject)" : one.subject);
    lines.push_back("  " + validity(one, style) + ", " + one.key);
    if (!leaf) continue;
    if (!one.pin.empty()) lines.push_back("  " + one.pin);
    lines.push_back(one.issuer == one.subject ? "  self-signed"
                    : one.issuer.empty()      ? "  issued by nobody named"
                                              : "  issued by " + one.issuer);
  }
  return lines;
}

std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t most = 6;
  if (names.size() <= most) return joined_with_and(names);
  std::vector<std::string> some(names.begin(), names.begin() + most);
  some.push_back(fmt::format("{} more names", names.size() - most));
  return joined_with_and(some);
}

// As much of the banner as fits on one line.
std::string banner_text(const std::string& bytes) {
  constexpr std::size_t room = 47;
  std::size_t limit = std::min(bytes.size(), room);
  while (escaped(bytes, limit).size() > room) --limit;
  return escaped(bytes, limit);
}

// The text of a step, line by line; a problem comes first.
struct Lines {
  const Step& step;
  const ReportStyle& style;

  std::vector<std::string> operator()(const Step::OwnCertificate& own) const {
    return with_problem(chain_lines(own.chain, style));
  }
  std::vector<std::string> operator()(const Step::Resolve& resolve) const {
    std::string all;
    for (const auto& address : resolve.addresses) all += (all.empty() ? "" : ", ") + address;
    return with_problem({all});
  }
  std::vector<std::string> operator()(const Step::Connect& connect) const {
    if (step.problem.what.empty()) return {connect.address};
    return {step.problem.what + (step.status == StepStatus::skipped ? ": passed over"
                                 : step.status == StepStatus::warning
                                     ? ": each connection waits for it first"
                                     : "")};
  }
  std::vector<std::string> operator()(const Step::Handshake& tls) const {
    if (tls.version.empty()) return {step.problem.what};
    return {fmt::format("{}, {}{}{}", tls.version, tls::cipher_of(tls.suite),
                        tls.group.empty() ? "" : ", ", tls.group)};
  }
  std::vector<std::string> operator()(const Step::Chain& chain) const {
    return with_problem(chain_lines(chain.path, style));
  }
  std::vector<std::string> operator()(const Step::Name& name) const {
    if (!step.problem.what.empty()) return {step.problem.what};
    return {fmt::format("{}: the certificate {}", escaped(name.expected),
                        name.names.empty() ? "names nobody" : "is for " + names_text(name.names))};
  }
  std::vector<std::string> operator()(const Step::Banner& banner) const {
    if (step.status != StepStatus::warning && !step.problem.what.empty())
      return {step.problem.what};
    if (banner.bytes.empty())
      return {"none: it waits for its client to speak first, as HTTP and Modbus do"};
    const std::string shown = fmt::format("\"{}\"", banner_text(banner.bytes));
    std::vector<std::string> lines{
        banner.protocol.empty() ? shown : fmt::format("{}, {}", banner.protocol, shown)};
    for (const std::string& more : {step.problem.what, banner.note})
      if (!more.empty()) lines.push_back(more);
    return lines;
  }

 private:
  std::vector<std::string> with_problem(std::vector<std::string> lines) const {
    if (!step.problem.what.empty()) lines.insert(lines.begin(), step.problem.what);
    return lines;
  }
};

}  // namespace

std::string heading_text(const std::string& service, const std::string& target,
                         const ReportStyle& style) {
  const std::string text =
      target.empty() || target == service ? service : fmt::format("{}: {}", service, target);
  return coloured(text, colour::bold, style) + "\n";
}

std::string step_text(const Step& step, const ReportStyle& style) {
  const Style status = style_of(step.status);
  const std::string time = step.took ? duration_text(*step.took) : std::string();
  std::string out = fmt::format("  {}{}{:<9}{:>6}  ", coloured(status.word, status.colour, style),
                                std::string(8 - status.word.size(), ' '), label_of(step), time);
  bool first = true;
  for (const std::string& line : std::visit(Lines{step, style}, step.facts)) {
    if (line.empty() && !first) continue;
    if (!first) out += std::string(indent, ' ');
    // keep a deeper indentation
    const std::size_t further = std::min(line.find_first_not_of(' '), line.size());
    out += std::string(further, ' ') +
           wrapped(std::string_view(line).substr(further), indent + further, indent + further);
    first = false;
  }
  return out;
}

std::string verdict_text(const std::string& service, const Verdict& verdict,
                         const ReportStyle& style) {
  const std::string_view works = verdict.works()  ? "it works"
                                 : verdict.partly ? "it works in part"
                                                  : "it does not work";
  const std::size_t head = service.size() + 2 + works.size() + 2;
  std::string out =
      fmt::format("{}: {}: {}", service, coloured(works, style_of(verdict.status).colour, style),
                  wrapped(verdict.what, head, 2));
  if (!verdict.next.empty()) out += "  next: " + wrapped(verdict.next, 8, 8);
  return out;
}

}  // namespace tunnel::cmd
