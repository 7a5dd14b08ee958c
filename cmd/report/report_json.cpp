// A check's report as JSON.
#include "cmd/report/report_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace tunnel::cmd {

namespace {

using check::ServiceReport;
using check::Step;
using check::TargetReport;
using check::Verdict;

std::string json_of(const std::vector<x509::CertificateSummary>& chain,
                    std::chrono::sys_seconds now) {
  std::vector<std::string> all;
  for (const x509::CertificateSummary& one : chain) {
    JsonObject out;
    out.add("subject", one.subject);
    out.add("issuer", one.issuer);
    out.add("names", one.names);
    out.add("not_before", rfc3339(one.not_before));
    out.add("not_after", rfc3339(one.not_after));
    out.add("days_left", static_cast<std::int64_t>(
                             std::chrono::floor<std::chrono::days>(one.not_after - now).count()));
    out.add("key", one.key);
    out.add("pin", one.pin);
    all.push_back(out.text());
  }
  return json_array(all);
}

struct Facts {
  JsonObject& out;
  std::chrono::sys_seconds now;

  void operator()(const Step::OwnCertificate& own) const {
    out.add_json("certificates", json_of(own.chain, now));
  }
  void operator()(const Step::Resolve& resolve) const { out.add("addresses", resolve.addresses); }
  void operator()(const Step::Connect& connect) const { out.add("address", connect.address); }
  void operator()(const Step::Handshake& tls) const {
    out.add("tls", tls.version);
    out.add("suite", tls.suite);
    out.add("group", tls.group);
  }
  void operator()(const Step::Chain& chain) const {
    out.add("verified", chain.verified);
    if (chain.first_use) out.add("first_use", true);
    out.add_json("certificates", json_of(chain.path, now));
  }
  void operator()(const Step::Name& name) const {
    out.add("expected", name.expected);
    out.add("names", name.names);
  }
  void operator()(const Step::Banner& banner) const {
    // arbitrary bytes, escaped as in the log
    out.add("greeting", escaped(banner.bytes, banner.bytes.size()));
    out.add("protocol", banner.protocol);
    if (!banner.note.empty()) out.add("note", banner.note);
  }
};

std::string json_of(const std::vector<Step>& steps, std::chrono::sys_seconds now) {
  std::vector<std::string> all;
  for (const Step& step : steps) {
    JsonObject out;
    out.add("step", std::string(name_of(step)));
    out.add("status", std::string(name_of(step.status)));
    if (step.took) out.add("ms", std::chrono::duration<double, std::milli>(*step.took).count());
    std::visit(Facts{out, now}, step.facts);
    if (!step.problem.what.empty()) out.add("problem", step.problem.what);
    if (!step.problem.hint.empty()) out.add("next", step.problem.hint);
    all.push_back(out.text());
  }
  return json_array(all);
}

void add_verdict(JsonObject& out, const Verdict& verdict) {
  out.add("works", verdict.works());
  out.add("status", std::string(name_of(verdict.status)));
  out.add("verdict", verdict.what);
  out.add("next", verdict.next);
}

}  // namespace

std::string report_json(const std::vector<ServiceReport>& services, std::chrono::sys_seconds now) {
  std::vector<std::string> all;
  bool works = true;
  for (const ServiceReport& service : services) {
    JsonObject out;
    const Verdict verdict = verdict_of(service);
    works = works && verdict.works();
    out.add("service", service.service);
    out.add("mode", service.mode);
    add_verdict(out, verdict);
    out.add_json("steps", json_of(service.own_certificate, now));
    std::vector<std::string> targets;
    for (const TargetReport& target : service.targets) {
      JsonObject one;
      one.add("target", target.target);
      add_verdict(one, verdict_of(target));
      one.add_json("steps", json_of(target.steps, now));
      targets.push_back(one.text());
    }
    out.add_json("targets", json_array(targets));
    all.push_back(out.text());
  }
  JsonObject document;
  document.add("checked", rfc3339(now));
  document.add("works", works);
  document.add_json("services", json_array(all));
  return document.text() + "\n";
}

}  // namespace tunnel::cmd
