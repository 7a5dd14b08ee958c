// What of record protection does not come from the handshake.
#pragma once

#include <cstdint>

namespace tunnel::tls {

class AeadBackend;

struct RecordSettings {
  const AeadBackend* backend = nullptr;  // null: the best for the cipher
  // Records under one key before this end says KeyUpdate (RFC 8446 section 5.5 allows 2^24.5 full
  // ones for AES-GCM).
  std::uint64_t rekey_after = std::uint64_t{1} << 24;
};

}  // namespace tunnel::tls
