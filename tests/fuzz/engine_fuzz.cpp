// Any bytes on the wire of a TLS engine, before, in and after its handshake.
#include <mbedtls/version.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

// The same input has to do the same thing: every "random" byte comes from here. It takes the place
// of mbedTLS's own function where that is linked from an archive.
namespace {
void fill(unsigned char* out, std::size_t size) {
  static std::uint32_t x = 1;
  for (std::size_t i = 0; i < size; ++i) {
    x = x * 1664525 + 1013904223;
    out[i] = static_cast<unsigned char>(x >> 24);
  }
}
}  // namespace

#if MBEDTLS_VERSION_MAJOR < 4
extern "C" int mbedtls_platform_entropy_poll(void*, unsigned char* out, std::size_t size,
                                             std::size_t* given) {
  fill(out, size);
  *given = size;
  return 0;
}
#else
extern "C" int mbedtls_platform_get_entropy(std::uint32_t, std::size_t* bits, unsigned char* out,
                                            std::size_t size) {
  fill(out, size);
  *bits = 8 * size;
  return 0;
}
#endif

namespace {

using namespace tunnel;
using test::Status;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Contexts {
  test::Certificate relay = test::make_certificate({.names = {"relay.example"}});
  std::shared_ptr<const tls::Context> client12, client13, server12, server13;

  Contexts() {
    const auto make = [&](tls::Version version, auto& client, auto& server) {
      test::ContextWish wish{.min = version, .max = tls::Version::tls13};
      if (version == tls::Version::tls12) wish.max = version;
      server = test::server_context(relay, wish);
      wish.ca = relay.pem;
      client = test::client_context(wish);
    };
    make(tls::Version::tls12, client12, server12);
    make(tls::Version::tls13, client13, server13);
  }
};

// Feeds all in pieces, and calls what the owner of an engine would call.
void drive(test::End& end, std::size_t chunk) {
  if (!end.started) end.step(0);
  while (!end.shaken && end.status == Status::starved && !end.inbox.empty()) end.step(chunk);
  if (end.shaken) {
    // bounded by what came: an engine cannot make plaintext of nothing
    const std::size_t came = end.inbox.size() + 65'536;
    require(end.read_all(chunk).size() <= came);
  }
  if (end.status == Status::starved) {
    end.engine.feed_end();
    if (end.shaken) {
      while (end.engine.ready()) end.read_all();
      require(end.open(0).empty());
    } else {
      end.status = end.engine.handshake();
    }
  }
  // what has ended stays ended, and has its words
  require(end.status != Status::starved);
  if (end.status == Status::failed || end.status == Status::truncated) {
    const std::string words = end.engine.failure().message();
    require(!words.empty());
    for (const char c : words) require(c >= 0x20 && c < 0x7f);
  }
  if (end.shaken && end.status == Status::closed) {
    require(end.write(test::bytes_of("answer")) == Status::ok);
    require(end.engine.close() == Status::ok);
  }
  require(end.engine.output().size() < 100'000);
}

}  // namespace

// The first byte says to whom and when: bit 0 the server, bit 1 TLS 1.3, bits 2 and 3 after how
// many flights (3: after the handshake), bit 4 in place of the true next flight or before it, bits
// 5 to 7 how the wire is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static const Contexts contexts;
  const unsigned how = data[0];
  const bool to_server = (how & 1) != 0;
  const bool tls13 = (how & 2) != 0;
  const unsigned flights = how >> 2 & 3;
  const bool instead = (how & 16) != 0;
  static constexpr std::size_t cuts[] = {100'000, 1, 2, 3, 5, 7, 100, 1000};
  const std::size_t chunk = cuts[how >> 5];

  test::Pair pair(tls13 ? contexts.client13 : contexts.client12,
                  tls13 ? contexts.server13 : contexts.server12);
  if (flights == 3) {
    require(pair.shake());
  } else {
    for (unsigned i = 0; i < flights; ++i) {
      for (test::End* end : {&pair.client, &pair.server})
        if (!end->started || (!end->inbox.empty() && !end->shaken)) end->step(100'000);
      pair.deliver();
    }
  }
  test::End& victim = to_server ? pair.server : pair.client;
  const auto* bytes = reinterpret_cast<const std::byte*>(data + 1);
  if (instead) victim.inbox.clear();
  victim.inbox.insert(victim.inbox.begin(), bytes, bytes + (size - 1));
  drive(victim, chunk);
  return 0;
}
