// Of each service its own certificate, then its targets in order.
#include "check/service_check.hpp"

#include <fmt/format.h>

#include <exception>

#include <asio/co_spawn.hpp>

#include "base/path.hpp"
#include "base/text.hpp"
#include "check/probe.hpp"
#include "x509/own_certificate.hpp"

namespace tunnel::check {

namespace {

net::Awaitable<void> check_one(Worker& worker, const Candidate& candidate) {
  const config::Service& service = candidate.service;
  Watcher& watcher = candidate.watcher;
  ServiceReport report;
  report.service = service.name;
  report.mode = service.connects_tls() ? "client" : service.accepts_tls() ? "server" : "plain";
  if (service.cert) {
    watcher.begin(service.name, "");
    report.own_certificate = check_own_certificate(
        service, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    for (const Step& step : report.own_certificate) watcher.step(step);
  }
  for (const config::SocketAddress& target : service.connect) {
    watcher.begin(service.name, target.text());
    Probe probe(worker, service, service.connects_tls() ? candidate.context : nullptr, target,
                [&watcher](const Step& step) { watcher.step(step); });
    report.targets.push_back(co_await probe.run());
  }
  watcher.finish(std::move(report));
}

}  // namespace

void check_services(Worker& worker, const std::vector<Candidate>& candidates) {
  std::exception_ptr defect;
  std::size_t left = candidates.size();
  for (const Candidate& candidate : candidates)
    asio::co_spawn(worker.io, check_one(worker, candidate), [&](const std::exception_ptr& error) {
      if (error) defect = error;
      --left;
    });
  // does not wait for a name lookup that timed out
  worker.io.restart();
  while (left > 0 && worker.io.run_one() > 0) {
  }
  if (defect) std::rethrow_exception(defect);
}

std::vector<Step> check_own_certificate(const config::Service& service,
                                        std::chrono::sys_seconds now) {
  Step step{Step::OwnCertificate{}};
  const std::string file = shown(service.cert->path);
  const auto fail = [&](Error problem) {
    step.status = StepStatus::failed;
    step.problem = std::move(problem);
  };
  auto chain = x509::summaries_in(service.cert->path);
  if (!chain) {
    fail({"cert: " + chain.error().what, chain.error().hint});
    return {std::move(step)};
  }
  for (const x509::CertificateSummary& one : *chain) {
    if (one.not_after < now)
      fail({fmt::format("cert: \"{}\" in {} expired on {}", one.subject, file,
                        time_text(one.not_after)),
            fmt::format("renew it, or correct the clock here: it says {}", time_text(now))});
    else if (now < one.not_before)
      fail({fmt::format("cert: \"{}\" in {} is valid only from {}", one.subject, file,
                        time_text(one.not_before)),
            fmt::format("is the clock here right? it says {}", time_text(now))});
    if (step.status == StepStatus::failed) break;
  }
  if (step.status == StepStatus::ok) {
    if (auto problem = ends_soon(*chain, now)) {
      step.status = StepStatus::warning;
      step.problem = {"cert: " + problem->what, problem->hint};
    }
  }
  step.facts = Step::OwnCertificate{std::move(*chain)};
  std::vector<Step> steps{std::move(step)};
  const bool failed = steps.front().status == StepStatus::failed;
  if (failed || !service.key || !service.accepts_tls()) return steps;
  for (Error& doubt : x509::doubts_about_own(service.cert->path, service.key->path, now))
    steps.push_back({Step::OwnCertificate{},
                     StepStatus::warning,
                     {},
                     {"cert: " + doubt.what, std::move(doubt.hint)}});
  return steps;
}

}  // namespace tunnel::check
