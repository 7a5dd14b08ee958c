// The verdict on the steps of a check.
#include "check/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace tunnel::check {

namespace {

const Step* first_with(const std::vector<Step>& steps, StepStatus status) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const Step& s) { return s.status == status; });
  return found != steps.end() ? &*found : nullptr;
}

template <class Facts>
const Facts* facts_in(const std::vector<Step>& steps) {
  for (const Step& step : steps)
    if (const auto* facts = std::get_if<Facts>(&step.facts)) return facts;
  return nullptr;
}

// The failed step that explains the failure best.
const Step* cause(const std::vector<Step>& steps) {
  const Step* found = nullptr;
  for (const Step& step : steps) {
    if (step.status != StepStatus::failed) continue;
    // as in the log, the last of several addresses stands for all; a later step explains a
    // handshake that failed because of the certificate
    const bool keep_looking = std::holds_alternative<Step::Connect>(step.facts) ||
                              std::holds_alternative<Step::Handshake>(step.facts);
    found = &step;
    if (!keep_looking) break;
  }
  return found;
}

std::string success(const TargetReport& target) {
  std::string way;
  if (const auto* handshake = facts_in<Step::Handshake>(target.steps)) {
    const auto* chain = facts_in<Step::Chain>(target.steps);
    if (chain != nullptr && chain->first_use)
      way = fmt::format(" over {}, not verified yet", handshake->version);
    else
      way = fmt::format(" over {} {}",
                        chain == nullptr || !chain->verified ? "unverified" : "verified",
                        handshake->version);
  }
  const auto* banner = facts_in<Step::Banner>(target.steps);
  if (banner != nullptr && !banner->protocol.empty())
    return fmt::format("{} answers at {}{}", banner->protocol, target.target, way);
  if (banner != nullptr && !banner->bytes.empty())
    return fmt::format("{} answers{}", target.target, way);
  return fmt::format("{} is reached{}, and waits for its client to speak first", target.target,
                     way);
}

}  // namespace

std::string_view name_of(StepStatus status) {
  switch (status) {
    case StepStatus::ok:
      return "ok";
    case StepStatus::skipped:
      return "skipped";
    case StepStatus::warning:
      return "warning";
    case StepStatus::failed:
      return "failed";
  }
  return "?";
}

std::string_view name_of(const Step& step) {
  static constexpr std::array<std::string_view, 7> names = {
      "certificate", "resolve", "connect", "handshake", "chain", "name", "greeting"};
  static_assert(names.size() == std::variant_size_v<decltype(Step::facts)>);
  return names[step.facts.index()];
}

std::optional<Error> ends_soon(const std::vector<x509::CertificateSummary>& certificates,
                               std::chrono::sys_seconds now) {
  const auto first =
      std::min_element(certificates.begin(), certificates.end(),
                       [](const auto& a, const auto& b) { return a.not_after < b.not_after; });
  if (first == certificates.end() || first->not_after - now > soon) return std::nullopt;
  const auto left = std::chrono::floor<std::chrono::days>(first->not_after - now).count();
  return Error{fmt::format("the certificate \"{}\" ends on {}, {}", first->subject,
                           date_text(first->not_after),
                           left == 0   ? "in less than a day"
                           : left == 1 ? "in a day"
                                       : fmt::format("in {} days", left)),
               "it must be renewed before"};
}

Verdict verdict_of(const TargetReport& target) {
  if (const Step* failed = cause(target.steps))
    return {StepStatus::failed, failed->problem.what, failed->problem.hint};
  if (const Step* warning = first_with(target.steps, StepStatus::warning))
    return {StepStatus::warning, fmt::format("{}; but {}", success(target), warning->problem.what),
            warning->problem.hint};
  return {StepStatus::ok, success(target)};
}

Verdict verdict_of(const ServiceReport& service) {
  if (const Step* failed = first_with(service.own_certificate, StepStatus::failed))
    return {StepStatus::failed, failed->problem.what, failed->problem.hint};
  std::vector<Verdict> failures;
  Verdict worst;
  for (const TargetReport& target : service.targets) {
    const Verdict verdict = verdict_of(target);
    if (!verdict.works()) failures.push_back(verdict);
    if (worst.what.empty() || verdict.status > worst.status) worst = verdict;
  }
  const std::size_t all = service.targets.size();
  if (all > 1 && failures.empty() && worst.status == StepStatus::ok)
    worst.what = fmt::format("all of its {} targets answer", all);
  if (all > 1 && failures.size() == all)
    worst.what = fmt::format("none of its {} targets works: {}", all, worst.what);
  if (!failures.empty() && failures.size() < all) {
    worst.partly = true;
    worst.what = fmt::format("{} of its {} targets {}: {}", failures.size(), all,
                             failures.size() == 1 ? "fails" : "fail", worst.what);
  }
  const Step* warning = first_with(service.own_certificate, StepStatus::warning);
  if (worst.status != StepStatus::failed && warning != nullptr)
    return {StepStatus::warning, fmt::format("{}; but {}", worst.what, warning->problem.what),
            warning->problem.hint};
  return worst;
}

}  // namespace tunnel::check
