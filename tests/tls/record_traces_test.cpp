// Records as others have published or computed them: the same bytes come out here, both ways.
#include "support/record_suites.hpp"

namespace tunnel::tls {
namespace {

using test::from_hex;
using test::RecordEnd;

// RFC 8448 section 3: a TLS 1.3 connection with TLS_AES_128_GCM_SHA256.
const char* const client_secret =
    "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
const char* const server_secret =
    "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";
const char* const ticket_record =
    "17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c758db28"
    "9a015940252f55713e061dc13e078891a38efbcf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1b6c0d4a3d03f"
    "75e09c30ba1e62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5b406f16e3fc181a77ca475840025db"
    "2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac347d143f9605d64f650db4d023e70e952ca49fe51"
    "37121c74bc2697687e248746d6df353005f3bce18696129c8153556b3b6c6779b37bf15985684f";
const char* const client_data_record =
    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e"
    "2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4";
const char* const server_data_record =
    "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59"
    "a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d";
const char* const client_alert_record = "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3";
const char* const server_alert_record = "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9";

RecordKeys trace_keys(bool client) {
  RecordKeys keys;
  keys.suite = *suite_of(0x1301);
  keys.client = client;
  keys.client_secret = Secret(from_hex(client_secret));
  keys.server_secret = Secret(from_hex(server_secret));
  return keys;
}

// Both send the bytes 0 to 49.
test::Bytes trace_data() {
  test::Bytes out;
  for (int i = 0; i < 50; ++i) out.push_back(static_cast<std::byte>(i));
  return out;
}

template <typename Check>
void for_each_aes_128(Check check) {
  test::for_each_aead([&](const AeadBackend& backend, Cipher cipher) {
    if (cipher == Cipher::aes_128_gcm) check(RecordSettings{.backend = &backend});
  });
}

TEST_CASE("the client of RFC 8448 section 3 reads and writes the bytes of the trace") {
  for_each_aes_128([](const RecordSettings& settings) {
    RecordEnd client(trace_keys(true), settings);
    CHECK(client.open(from_hex(ticket_record)).empty());
    CHECK(client.status == RecordEnd::Status::ok);
    CHECK(client.seal(trace_data()) == from_hex(client_data_record));
    CHECK(client.open(from_hex(server_data_record)) == trace_data());
    CHECK(client.records.close() == RecordEnd::Status::ok);
    CHECK(client.said() == from_hex(client_alert_record));
    CHECK(client.open(from_hex(server_alert_record)).empty());
    CHECK(client.status == RecordEnd::Status::closed);
  });
}

TEST_CASE("the server of RFC 8448 section 3 reads and writes the bytes of the trace") {
  for_each_aes_128([](const RecordSettings& settings) {
    RecordKeys keys = trace_keys(false);
    keys.written = 1;  // the ticket
    RecordEnd server(keys, settings);
    CHECK(server.open(from_hex(client_data_record)) == trace_data());
    CHECK(server.seal(trace_data()) == from_hex(server_data_record));
    CHECK(server.open(from_hex(client_alert_record)).empty());
    CHECK(server.status == RecordEnd::Status::closed);
    CHECK(server.records.close() == RecordEnd::Status::ok);
    CHECK(server.said() == from_hex(server_alert_record));
  });
}

TEST_CASE("a trace that begins with another record is refused") {
  for_each_aes_128([](const RecordSettings& settings) {
    RecordEnd client(trace_keys(true), settings);
    CHECK(client.open(from_hex(server_data_record)).empty());
    CHECK(client.status == RecordEnd::Status::failed);
  });
}

// TLS 1.2, computed with Python's hmac and cryptography: the master secret is (7 i + 1) mod 256,
// the client's random 40..5f, the server's a0..bf. Each sends "from the ..." and close_notify after
// its Finished.
struct Tls12Records {
  Cipher cipher;
  const char* client_data;
  const char* client_close;
  const char* server_data;
  const char* server_close;
};

constexpr Tls12Records tls12_records[] = {
    {Cipher::aes_128_gcm,
     "1703030027000000000000000135d3c04e496f053a59fca6765d17f4d607ceeb118d921bb78120368322466c",
     "150303001a000000000000000223a9a9fd5e88dffc75f02c2e7810941a3c54",
     "17030300270000000000000001eac265fca0acddfa5fd17dcb76965bd1868a4aba1945308d0ca48119ae7537",
     "150303001a0000000000000002d7b934de8815b0277792a415f97df9d56179"},
    {Cipher::aes_256_gcm,
     "17030300270000000000000001b7e8d8ede8b85a82e431d9c4eb0a591b1da80ac16625dbf6c2bab3d52f2935",
     "150303001a0000000000000002eadf7b2fcc41d93e5b855205c0092ef0d85a",
     "170303002700000000000000012bdc1016db4045dc4c4e20c9f12994661ce4ba2c94f6e5c3888de4eb89db54",
     "150303001a00000000000000021aa16ec376a362f2c1af7b8517c03025e695"},
    {Cipher::chacha20_poly1305,
     "170303001f91e8087fb0000f68a0f00e7fb7119c9b6f860902e3177a3e8710ce0c0cc99e",
     "15030300125ac7f28f921312357bf1e68fa0f724c865c5",
     "170303001f376f24b58ee1c0a4e3fda20cd41ccd99d1e5247f7058b0fc69b721acffc51b",
     "15030300126f664f7377e8ba7c855cc1a571f749329ccd"},
};

TEST_CASE("records of TLS 1.2 are what another implementation makes of the same master secret") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    for (const Tls12Records& vector : tls12_records) {
      if (vector.cipher != cipher) continue;
      RecordKeys keys;
      keys.suite = test::suite(Version::tls12, cipher);
      keys.master_secret = Secret(48);
      unsigned i = 0;
      for (std::byte& byte : keys.master_secret.bytes()) byte = static_cast<std::byte>(7 * i++ + 1);
      for (unsigned k = 0; k < 32; ++k) {
        keys.client_random[k] = static_cast<std::byte>(0x40 + k);
        keys.server_random[k] = static_cast<std::byte>(0xa0 + k);
      }
      keys.read = keys.written = 1;
      keys.client = true;
      RecordEnd client(keys, {.backend = &backend});
      keys.client = false;
      RecordEnd server(keys, {.backend = &backend});
      CHECK(client.seal("from the client") == from_hex(vector.client_data));
      CHECK(server.seal("from the server") == from_hex(vector.server_data));
      CHECK_EQ(server.text(from_hex(vector.client_data)), "from the client");
      CHECK_EQ(client.text(from_hex(vector.server_data)), "from the server");
      CHECK(client.records.close() == RecordEnd::Status::ok);
      CHECK(client.said() == from_hex(vector.client_close));
      CHECK(server.open(from_hex(vector.client_close)).empty());
      CHECK(server.status == RecordEnd::Status::closed);
      CHECK(server.records.close() == RecordEnd::Status::ok);
      CHECK(server.said() == from_hex(vector.server_close));
      CHECK(client.open(from_hex(vector.server_close)).empty());
      CHECK(client.status == RecordEnd::Status::closed);
    }
  });
}

}  // namespace
}  // namespace tunnel::tls
