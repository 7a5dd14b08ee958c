// The interface of a relay's two ends.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>

#include "net/buffers.hpp"
#include "net/io.hpp"
#include "net/receive.hpp"
#include "net/write_batch.hpp"
#include "tls/record/record_layout.hpp"

namespace tunnel::net {

// What one receive from a stream has brought.
struct Received {
  enum class End {
    none,       // the stream is still open
    finished,   // the peer sends no more
    truncated,  // it has ended the connection without close_notify: see `why`
    broken,     // reset, or not decipherable: see `why`
  };

  // Of the data, which comes before the end. It lies in frames, or in the lease's fragments.
  std::size_t size = 0;
  End end = End::none;
  std::string why;      // a sentence, or empty for a plain reset
  bool lost = false;    // `why` is about the connection, and lacks its subject, the peer
  bool drained = true;  // nothing more is to be had without waiting
};

// In the order in which a relay calls them. Nothing here waits: the relay waits for the socket.
template <class Stream>
concept RelayStream = requires(Stream& stream, const Stream& unchanged, Buffers::Lease& lease,
                               FirstBytes& first, WriteBatch& batch,
                               const tls::RecordLayout& layout, std::size_t size, bool last) {
  { stream.socket() } -> std::same_as<Socket&>;
  // Whether the peer sends record by record, so that its receives may be coalesced.
  { Stream::in_records } -> std::convertible_to<bool>;

  // Reading. Whether receive() has something without waiting for the socket.
  { unchanged.ready() } -> std::same_as<bool>;
  // Receives into the lease, behind the first bytes, for records of that layout.
  { stream.receive(lease, layout, first) } -> std::same_as<Received>;
  // After receive() has found an error: whether the peer may just have been sent an alert.
  { unchanged.may_have_alerted() } -> std::same_as<bool>;
  // Whether nothing has come from the peer since the end was staged.
  { unchanged.silent_since_end() } -> std::same_as<bool>;

  // Writing. The layout in which plaintext must lie in the lease.
  { unchanged.record_layout() } -> std::same_as<tls::RecordLayout>;
  // Puts `size` bytes of the lease into its batch and, with the `last`, the end of the stream.
  // False where that has failed.
  { stream.stage(lease, size, last) } -> std::same_as<bool>;
  // The reason for that was found by reading.
  { unchanged.read_failed() } -> std::same_as<bool>;
  // True where the batch must be sent: the caller alone writes until done_sending(). Call it again
  // after that: there may be more.
  { stream.begin_sending(batch) } -> std::same_as<bool>;
  { stream.done_sending() } -> std::same_as<void>;
  // After the last byte: ends the sending half of the connection.
  { stream.shut() } -> std::same_as<void>;
};

}  // namespace tunnel::net
