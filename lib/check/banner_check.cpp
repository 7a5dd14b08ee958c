// Expects by port or name, and judges by the bytes.
#include "check/banner_check.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/text.hpp"
#include "protocol/detect.hpp"
#include "protocol/explicit_tls.hpp"
#include "relay/upstream.hpp"

namespace tunnel::check {

namespace {

using std::chrono::milliseconds;

// What the device behind this target should say first, by what the user has written.
const BannerProtocol* expected_banner(const config::Service& service,
                                      const config::SocketAddress& target) {
  if (service.explain == config::Explain::http) return nullptr;
  if (service.explain == config::Explain::vnc) return &vnc_banner();
  if (service.explain == config::Explain::ssh) return &ssh_banner();
  for (const config::SocketAddress& accept : service.accept)
    if (const config::HostPort* tcp = accept.tcp())
      if (const auto* found = banner_protocol_at(tcp->port)) return found;
  const config::HostPort* tcp = target.tcp();
  // a relay has the port that was free
  if (tcp != nullptr && (!service.connects_tls() || is_tls_port(tcp->port))) {
    if (const auto* found = banner_protocol_at(tcp->port)) return found;
    if (!client_first_protocol_at(tcp->port).empty()) return nullptr;
  }
  return service.name == target.text() ? nullptr : banner_protocol_named(service.name);
}

// The port that the user gave to a protocol whose server waits for its client, where this is one: a
// relay's own port means nothing.
std::uint16_t client_first_port(const config::Service& service,
                                const config::SocketAddress& target) {
  const auto port_of = [](const config::SocketAddress& address) -> std::uint16_t {
    const config::HostPort* tcp = address.tcp();
    return tcp != nullptr && !client_first_protocol_at(tcp->port).empty() ? tcp->port : 0;
  };
  if (!service.connects_tls() && port_of(target) != 0) return port_of(target);
  for (const config::SocketAddress& accept : service.accept)
    if (!service.accepts_tls() && port_of(accept) != 0) return port_of(accept);
  return 0;
}

// The next step where the device is silent, or is another one.
std::string device_advice(bool behind_relay, std::string_view protocol) {
  return behind_relay ? fmt::format(
                            "is the device on, does it run its {0} server, and does the relay lead "
                            "to that server's port?",
                            protocol)
                      : fmt::format("does the {0} server run, and is this its port?", protocol);
}

}  // namespace

BannerCheck::BannerCheck(const config::Service& service, const config::SocketAddress& target)
    : service_(service), target_(target), expected_(expected_banner(service, target)) {}

bool BannerCheck::is_complete(std::string_view bytes) const {
  // a VNC server that refuses says so after its version, and RFC 4253 section 4.2 allows lines
  // before that of SSH
  if (bytes.starts_with("RFB ") || bytes.find('\n') == bytes.npos) return false;
  return expected_ != &ssh_banner() || bytes.starts_with("SSH-") ||
         bytes.find("\nSSH-") != bytes.npos || !refusal_in(bytes, expected_).empty();
}

std::chrono::milliseconds BannerCheck::patience() const {
  // for a banner where none is expected: at a port whose servers wait for their clients, and at
  // others, behind which a device on a mobile network may take seconds
  constexpr milliseconds for_a_surprise{1000};
  constexpr milliseconds for_any{5000};
  if (expected_ != nullptr) return expected_->patience;
  return client_first_port(service_, target_) != 0 ? for_a_surprise : for_any;
}

// What was received decides, or that nothing was.
void BannerCheck::judge(Step& step, net::Received::End end, const Error& failure) const {
  Step::Banner& banner = std::get<Step::Banner>(step.facts);
  const std::string& bytes = banner.bytes;
  const auto fail = [&](Error problem) {
    step.status = StepStatus::failed;
    step.problem = std::move(problem);
  };
  if (bytes.empty() && end != net::Received::End::none) {
    const bool cleanly = end != net::Received::End::broken;
    return fail(cleanly || failure.what.empty()
                    ? ended_without_a_byte(target_.text(), cleanly, service_.connects_tls())
                    : failure);
  }
  if (bytes.empty()) {
    if (expected_ == nullptr) return;
    return fail({fmt::format("nothing came from {} within {}, where a {} server speaks first",
                             target_.text(), duration_text(expected_->patience), expected_->name),
                 device_advice(service_.connects_tls(), expected_->name)});
  }
  const Protocol detected = detect_server(bytes, true).protocol;
  banner.protocol = std::string(tunnel::name_of(detected));
  const std::string_view line = first_line(bytes);
  if (const std::string refusal = refusal_in(bytes, expected_); !refusal.empty())
    return fail(
        {fmt::format("{} is reached, but refuses: \"{}\"", target_.text(), escaped(refusal)),
         detected == Protocol::vnc
             ? "wait some minutes before the next try: VNC servers bar an address after "
               "failed logins"
             : "that is the server's own answer; its log may say more"});
  if (expected_ != nullptr && !is_banner_of(*expected_, bytes))
    return fail({detected == Protocol::unknown
                     ? fmt::format("{} answered \"{}\", which is not {}", target_.text(),
                                   escaped(line.empty() ? bytes : line), expected_->name)
                     : fmt::format("{} answers where {} was expected, at {}", banner.protocol,
                                   expected_->name, target_.text()),
                 device_advice(service_.connects_tls(), expected_->name)});
  if (expected_ != nullptr && banner.protocol != expected_->name)
    banner.protocol = std::string(expected_->name);  // a bare code names no protocol
  const std::uint16_t port = client_first_port(service_, target_);
  if (expected_ == nullptr && port != 0 && detected != Protocol::unknown &&
      banner.protocol != client_first_protocol_at(port)) {
    step.status = StepStatus::warning;
    step.problem = {
        fmt::format("port {} is customary for {}", port, client_first_protocol_at(port)),
        device_advice(service_.connects_tls(), client_first_protocol_at(port))};
  }
  if (detected == Protocol::vnc)
    banner.note =
        "a VNC server may count a check as a failed login: TigerVNC refuses an address for a while "
        "after five in a row";
}

}  // namespace tunnel::check
