// What a full handshake costs each side in CPU: two engines back to back, their steps timed apart.
#include <ctime>

#include <cstdio>
#include <cstdlib>

#include "support/certificates.hpp"
#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::test {
namespace {

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Spent {
  double client = 0;
  double server = 0;
};

// One handshake, from new engines to their end.
Spent shake(const std::shared_ptr<const tls::Context>& client,
            const std::shared_ptr<const tls::Context>& server) {
  Spent spent;
  const auto timed = [](double& sum, const auto& work) {
    const double start = cpu_ms();
    work();
    sum += cpu_ms() - start;
  };
  std::unique_ptr<End> ends[2];
  timed(spent.client, [&] {
    ends[0] = std::make_unique<End>(client, "relay.example:443",
                                    x509::ServerName{"relay.example", false});
  });
  timed(spent.server, [&] { ends[1] = std::make_unique<End>(server, "192.0.2.1:50000"); });
  const auto move = [](End& from, End& to) {
    Bytes& output = from.engine.output();
    to.inbox.insert(to.inbox.end(), output.begin(), output.end());
    output.clear();
  };
  const auto step = [&](int side) {
    timed(side == 0 ? spent.client : spent.server, [&] { ends[side]->step(100'000); });
    move(*ends[side], *ends[1 - side]);
  };
  step(0);
  for (int round = 0; round < 4 && !(ends[0]->shaken && ends[1]->shaken); ++round) {
    for (const int side : {1, 0})
      if (!ends[side]->started || !ends[side]->inbox.empty()) step(side);
  }
  if (!ends[0]->shaken || !ends[1]->shaken) {
    std::fprintf(stderr, "the handshake failed: %s%s\n", ends[0]->engine.failure().what.c_str(),
                 ends[1]->engine.failure().what.c_str());
    std::exit(1);
  }
  timed(spent.client, [&] { ends[0].reset(); });
  timed(spent.server, [&] { ends[1].reset(); });
  return spent;
}

void measure(const char* what, tls::Version version, int count) {
  const Certificate root = make_certificate({.subject = "CN=Root", .authority = true});
  const Certificate issuing = make_certificate({.subject = "CN=Issuing", .authority = true}, &root);
  const Certificate leaf =
      make_certificate({.subject = "CN=relay.example", .names = {"relay.example"}}, &issuing);
  const auto client = client_context({.ca = root.pem, .min = version, .max = version});
  const auto server = server_context(leaf, {.cert = issuing.pem, .min = version, .max = version});
  shake(client, server);
  Spent sum;
  for (int i = 0; i < count; ++i) {
    const Spent one = shake(client, server);
    sum.client += one.client;
    sum.server += one.server;
  }
  std::printf("%-8s client %.3f ms (%.0f/s)   server %.3f ms (%.0f/s)\n", what, sum.client / count,
              count / sum.client * 1e3, sum.server / count, count / sum.server * 1e3);
}

}  // namespace
}  // namespace tunnel::test

// The argument is how many handshakes to take the mean of.
int main(int argc, char** argv) {
  using tunnel::tls::Version;
  const int count = argc > 1 ? std::atoi(argv[1]) : 300;
  tunnel::test::measure("TLS 1.3", Version::tls13, count);
  tunnel::test::measure("TLS 1.2", Version::tls12, count);
}
