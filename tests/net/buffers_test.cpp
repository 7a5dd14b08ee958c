// Blocks are lent whole while few are, and small once peers that do not read hold many.
#include "net/buffers.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <utility>
#include <vector>

namespace tunnel::net {
namespace {

TEST_CASE("a block has room for its records, whatever their version and suite") {
  Buffers buffers;
  Buffers::Lease lease = buffers.borrow();
  CHECK_EQ(lease.records(), Buffers::most_records);
  // the longest record is one of TLS 1.2 with AES-GCM
  CHECK_GE(lease.bytes().size(), lease.records() * (5 + 8 + tls::max_plaintext + 16));
}

TEST_CASE("a block that comes back is lent again, and empty") {
  Buffers buffers;
  const std::byte* where = nullptr;
  {
    Buffers::Lease lease = buffers.borrow();
    where = lease.bytes().data();
    lease.fragments().add(lease.bytes().first(2000));
    lease.batch().add(lease.bytes().first(2000));
  }
  Buffers::Lease again = buffers.borrow();
  CHECK_EQ(again.bytes().data(), where);
  CHECK(again.fragments().empty());
  CHECK(again.batch().empty());
}

TEST_CASE(
    "the more are lent, the less memory is held: a thousand hold less than half of a thousand full "
    "ones") {
  Buffers buffers;
  std::vector<Buffers::Lease> leases;
  std::size_t held = 0;
  for (int i = 0; i < 1000; ++i) {
    Buffers::Lease& lease = leases.emplace_back(buffers.borrow());
    held += lease.bytes().size();
    std::memset(lease.bytes().data(), i, lease.bytes().size());
    // a greeting that came early fits into each (16 KiB), and more than one record
    CHECK_GE(lease.records(), 2);
    CHECK_GE(lease.bytes().size(), lease.records() * tls::max_plaintext);
  }
  CHECK_EQ(leases.front().records(), Buffers::most_records);
  CHECK_LT(leases.back().records(), Buffers::most_records);
  CHECK_LT(held, 120 << 20);

  leases.clear();
  CHECK_EQ(buffers.borrow().records(), Buffers::most_records);
}

}  // namespace
}  // namespace tunnel::net
