// Two open ends joined: what passes, and how each way of ending on one side looks on the other.
#include "relay/relay.hpp"

#include <doctest/doctest.h>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include <atomic>
#include <future>
#include <thread>

#include "net/dial.hpp"
#include "net/plain_stream.hpp"
#include "net/tls_stream.hpp"
#include "os/net/socket.hpp"
#include "support/engine_pair.hpp"
#include "support/loopback.hpp"
#include "support/tls_context.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using net::PlainStream;
using test::Peer;
using test::text_of;

struct Outcome {
  Ending ending;
  std::uint64_t up = 0;
  std::uint64_t down = 0;
};

// A relay on a thread of its own between two connections, whose other ends the test has.
class Rig {
 public:
  // A narrow one has much room before the relay and little behind it.
  explicit Rig(config::Timeouts timeouts = {}, bool narrow = false)
      : timeouts_(timeouts), narrow_(narrow) {
    net::set_connection_options(front_, 60s);
    net::set_connection_options(back_, 60s);
  }
  ~Rig() { stop(); }

  // Leaves the relay alone and waits until it has ended.
  void stop() {
    client.close();
    device.close();
    if (thread_.joinable()) thread_.join();
  }

  // Runs the relay between what `make` makes of the two sockets.
  void start() { start(PlainStream(front_), PlainStream(back_)); }
  template <class Front, class Back>
  void start(Front front, Back back) {
    asio::co_spawn(io_, relay(std::move(front), std::move(back)),
                   [this](const std::exception_ptr& failed, Outcome outcome) {
                     if (failed)
                       promise_.set_exception(failed);
                     else
                       promise_.set_value(std::move(outcome));
                   });
    thread_ = std::thread([this] { io_.run(); });
  }
  // Before the start.
  void end_uncleanly_by(config::UncleanEnd how) { unclean_end_ = how; }
  void explain_in(config::Explain protocol) { explain_ = protocol; }
  void lose(Side side, std::string why) {
    asio::post(io_, [this, side, why = std::move(why)] {
      if (lose_) lose_(side, why);
    });
  }
  void cut(std::string why) {
    asio::post(io_, [this, why = std::move(why)] { cut_(why); });
  }
  // Before the start: the relay gets small blocks only.
  void lend_full_blocks() {
    do lent_.push_back(buffers_.borrow());
    while (lent_.back().records() == net::Buffers::most_records);
  }
  // Waits for the relay's end.
  Outcome outcome() {
    auto future = promise_.get_future();
    REQUIRE(future.wait_for(60s) == std::future_status::ready);
    return future.get();
  }

  const TrafficStats& own() const { return own_; }
  const TrafficStats& all() const { return all_; }

  net::Socket& front() { return front_; }
  net::Socket& back() { return back_; }

 private:
  template <class Front, class Back>
  net::Awaitable<Outcome> relay(Front front, Back back) {
    Relay<Front, Back> joined(front, back, buffers_, timeouts_, unclean_end_, explain_,
                              "relay.example:443", own_, all_);
    cut_ = [&joined](const std::string& why) { joined.cut(why); };
    lose_ = [&joined](Side side, const std::string& why) { joined.lose(side, why); };
    Outcome out;
    out.ending = co_await joined.run();
    lose_ = nullptr;
    out.up = own_.up.value();
    out.down = own_.down.value();
    co_return out;
  }

  net::Acceptor listen(int narrow_size) {
    net::Acceptor acceptor = test::loopback_acceptor(io_);
    // connections inherit it
    if (narrow_) acceptor.set_option(asio::socket_base::receive_buffer_size(narrow_size));
    return acceptor;
  }

  config::Timeouts timeouts_;
  bool narrow_;
  TrafficStats own_;
  TrafficStats all_;
  net::Buffers buffers_;
  std::vector<net::Buffers::Lease> lent_;
  asio::io_context io_{1};
  net::Acceptor front_acceptor_ = listen(200'000);
  net::Acceptor back_acceptor_ = listen(4096);
  std::promise<Outcome> promise_;
  std::function<void(const std::string&)> cut_;
  std::function<void(Side, const std::string&)> lose_;
  config::UncleanEnd unclean_end_ = config::UncleanEnd::reset;
  config::Explain explain_ = config::Explain::off;

 public:
  Peer client{front_acceptor_.local_endpoint()};

 private:
  net::Socket front_ = front_acceptor_.accept(io_.get_executor());
  net::Socket back_ = [this] {
    net::Socket socket(io_.get_executor(), asio::ip::tcp::v4());
    if (narrow_) socket.set_option(asio::socket_base::send_buffer_size(4096));
    socket.connect(back_acceptor_.local_endpoint());
    return socket;
  }();

 public:
  Peer device{back_acceptor_};

 private:
  std::thread thread_;
};

std::string much(std::size_t size) { return text_of(test::pattern(size)); }

TEST_CASE("bytes pass both ways, and are counted") {
  Rig rig;
  rig.start();
  rig.client.send("question");
  CHECK_EQ(rig.device.receive(8), "question");
  rig.device.send("a longer answer");
  CHECK_EQ(rig.client.receive(15), "a longer answer");
  rig.client.finish();
  rig.device.finish();
  const Outcome outcome = rig.outcome();
  CHECK(outcome.ending.clean);
  CHECK_FALSE(outcome.ending.wrong);
  CHECK_EQ(outcome.up, 8);
  CHECK_EQ(outcome.down, 15);
}

TEST_CASE("an upstream that ends or resets without a byte has not answered") {
  for (const bool cleanly : {true, false}) {
    CAPTURE(cleanly);
    Rig rig;
    rig.explain_in(config::Explain::vnc);
    rig.start();
    if (cleanly)
      rig.device.finish();
    else
      rig.device.reset();
    const Ending ending = rig.outcome().ending;
    CHECK(ending.unanswered);
    // and the viewer has had no byte, and no end
    CHECK(ending.client_waits);
    CHECK(rig.front().is_open());
    CHECK_FALSE(ending.clean);
    CHECK_EQ(ending.how, cleanly ? "closed by relay.example:443" : "reset by relay.example:443");
  }
}

TEST_CASE("a client is told in HTTP only if it has asked for something") {
  for (const bool asked : {true, false}) {
    CAPTURE(asked);
    Rig rig;
    rig.explain_in(config::Explain::http);
    rig.start();
    if (asked) {
      rig.client.send("GET / HTTP/1.1\r\n\r\n");
      CHECK_EQ(rig.device.receive(18), "GET / HTTP/1.1\r\n\r\n");
    }
    rig.device.finish();
    if (!asked) rig.client.finish();
    const Ending ending = rig.outcome().ending;
    CHECK(ending.unanswered);
    CHECK_EQ(ending.client_waits, asked);
  }
}

TEST_CASE("an upload that the upstream never read doesn't make its end an answer") {
  Rig rig;
  rig.explain_in(config::Explain::http);
  rig.start();
  std::thread upload([&] {
    // until the relay's queues are full, and its write waits
    try {
      rig.client.send(much(80 << 20));
    } catch (const std::system_error&) {
    }
  });
  // nothing has moved for a while
  for (std::uint64_t before = 0, now = 0; now == 0 || now != before;) {
    before = now;
    std::this_thread::sleep_for(300ms);
    now = rig.own().up.value();
  }
  rig.device.finish();
  const Ending ending = rig.outcome().ending;
  CHECK(ending.unanswered);
  CHECK(ending.client_waits);
  rig.client.finish();  // which wakes its blocked send
  upload.join();
}

TEST_CASE("what ends after its client, takes bytes after its end, or has sent some is no failure") {
  {
    Rig rig;
    rig.explain_in(config::Explain::ssh);
    rig.start();
    rig.client.finish();
    CHECK_EQ(rig.device.receive(1), "");
    rig.device.finish();
    CHECK_FALSE(rig.outcome().ending.unanswered);
  }
  {
    Rig rig;
    rig.start();
    rig.device.finish();
    CHECK_EQ(rig.client.receive(1), "");
    rig.client.send("a line for the log");
    CHECK_EQ(rig.device.receive(18), "a line for the log");
    rig.client.finish();
    const Ending ending = rig.outcome().ending;
    CHECK_FALSE(ending.unanswered);
    CHECK(ending.clean);
  }
  {
    Rig rig;
    rig.explain_in(config::Explain::vnc);
    rig.start();
    rig.device.send("RFB 003.008\n");
    CHECK_EQ(rig.client.receive(12), "RFB 003.008\n");
    rig.device.reset();
    CHECK_FALSE(rig.outcome().ending.unanswered);
  }
}

TEST_CASE("what has passed can be read by others while the connection lives") {
  Rig rig;
  rig.start();
  rig.client.send("question");
  CHECK_EQ(rig.device.receive(8), "question");
  // it may have come before it is counted
  while (rig.own().up.value() == 0) std::this_thread::yield();
  rig.device.send("answer");
  CHECK_EQ(rig.client.receive(6), "answer");
  while (rig.all().down.value() == 0) std::this_thread::yield();
  CHECK_EQ(rig.own().up.value(), 8);
  CHECK_EQ(rig.own().down.value(), 6);
  CHECK_EQ(rig.all().up.value(), 8);
  CHECK_EQ(rig.all().down.value(), 6);
}

TEST_CASE("the client's half-close is carried, and the late answer still arrives") {
  Rig rig;
  rig.start();
  rig.client.send("question");
  rig.client.finish();
  const auto [question, end] = rig.device.receive_all();
  CHECK_EQ(question, "question");
  CHECK(end == asio::error::eof);
  rig.device.send("late ");
  std::this_thread::sleep_for(50ms);
  rig.device.send("answer");
  rig.device.finish();
  const auto [answer, other_end] = rig.client.receive_all();
  CHECK_EQ(answer, "late answer");
  CHECK(other_end == asio::error::eof);
  const Outcome outcome = rig.outcome();
  CHECK(outcome.ending.clean);
  CHECK_EQ(outcome.ending.how, "closed by the client");
}

TEST_CASE("the upstream's half-close is carried, and the client may go on sending") {
  Rig rig;
  rig.start();
  rig.device.send("greeting");
  rig.device.finish();
  const auto [greeting, end] = rig.client.receive_all();
  CHECK_EQ(greeting, "greeting");
  CHECK(end == asio::error::eof);
  const std::string rest = much(1'000'000);
  std::thread sender([&] {
    rig.client.send(rest);
    rig.client.finish();
  });
  const auto [got, other_end] = rig.device.receive_all();
  sender.join();
  CHECK(got == rest);
  CHECK(other_end == asio::error::eof);
  const Outcome outcome = rig.outcome();
  CHECK(outcome.ending.clean);
  CHECK_EQ(outcome.ending.how, "closed by relay.example:443");
}

TEST_CASE("a half-close outlasts the close timeout for as long as the other side is silent") {
  Rig rig({.close = 100ms});
  rig.start();
  rig.client.finish();
  CHECK_EQ(rig.device.receive_all().first, "");
  std::this_thread::sleep_for(500ms);
  rig.device.send("late");
  rig.device.finish();
  CHECK_EQ(rig.client.receive_all().first, "late");
  CHECK(rig.outcome().ending.clean);
}

TEST_CASE("a reset on either side is a reset on the other") {
  for (const bool by_client : {true, false}) {
    CAPTURE(by_client);
    Rig rig;
    rig.start();
    rig.client.send("x");
    CHECK_EQ(rig.device.receive(1), "x");
    (by_client ? rig.client : rig.device).reset();
    CHECK((by_client ? rig.device : rig.client).sees_reset());
    const Outcome outcome = rig.outcome();
    CHECK_FALSE(outcome.ending.clean);
    CHECK_FALSE(outcome.ending.wrong);
    CHECK_EQ(outcome.ending.how, by_client ? "reset by the client" : "reset by relay.example:443");
  }
}

TEST_CASE("a reset after a half-close is a reset too") {
  Rig rig;
  rig.start();
  rig.client.finish();
  CHECK_EQ(rig.device.receive_all().first, "");
  rig.device.reset();
  CHECK(rig.client.sees_reset());
  CHECK_FALSE(rig.outcome().ending.clean);
}

TEST_CASE("a client that is gone does not hold the upstream for ever") {
  Rig rig({.idle = 0ms, .close = 200ms});
  rig.start();
  rig.client.send("x");
  CHECK_EQ(rig.device.receive(1), "x");
  rig.client.close();
  CHECK_EQ(rig.device.receive_all().first, "");
  // it says nothing for the moment, then finds nobody
  for (int i = 0; i < 3; ++i) {
    net::ErrorCode ignored;
    asio::write(rig.device.socket(), asio::buffer("more", 4), ignored);
    std::this_thread::sleep_for(50ms);
  }
  CHECK_FALSE(rig.outcome().ending.clean);
}

TEST_CASE("bytes that were sent before a clean end are all delivered") {
  Rig rig;
  rig.start();
  const std::string all = much(8 << 20);
  std::thread sender([&] {
    rig.device.send(all);
    rig.device.finish();
  });
  // nobody reads for a while: the relay has to hold back, not to drop
  std::this_thread::sleep_for(200ms);
  const auto [got, end] = rig.client.receive_all();
  sender.join();
  CHECK(got == all);
  CHECK(end == asio::error::eof);
  rig.client.finish();
  const Outcome outcome = rig.outcome();
  CHECK(outcome.ending.clean);
  CHECK_EQ(outcome.down, all.size());
}

TEST_CASE("much data both ways at once arrives exactly") {
  Rig rig;
  rig.start();
  const std::string all = much(4 << 20);
  std::thread up([&] {
    rig.client.send(all);
    rig.client.finish();
  });
  std::thread down([&] {
    rig.device.send(all);
    rig.device.finish();
  });
  std::string at_client, at_device;
  std::thread reader([&] { at_client = rig.client.receive_all().first; });
  at_device = rig.device.receive_all().first;
  for (std::thread* thread : {&up, &down, &reader}) thread->join();
  CHECK(at_client == all);
  CHECK(at_device == all);
  CHECK(rig.outcome().ending.clean);
}

TEST_CASE("silence for as long as the idle timeout resets both sides") {
  Rig rig({.idle = 200ms});
  rig.start();
  CHECK(rig.client.sees_reset());
  CHECK(rig.device.sees_reset());
  const Outcome outcome = rig.outcome();
  CHECK_FALSE(outcome.ending.clean);
  CHECK_EQ(outcome.ending.how, "idle for 200 ms, so both sides were reset");
}

TEST_CASE("bytes in one direction keep both alive") {
  Rig rig({.idle = 1s});
  rig.start();
  for (int i = 0; i < 6; ++i) {
    std::this_thread::sleep_for(300ms);
    rig.device.send("x");
    REQUIRE_EQ(rig.client.receive(1), "x");
  }
  rig.client.finish();
  rig.device.finish();
  CHECK(rig.outcome().ending.clean);
}

TEST_CASE("idle timeout zero is never") {
  Rig rig({.idle = 0ms});
  rig.start();
  std::this_thread::sleep_for(300ms);
  rig.client.send("x");
  CHECK_EQ(rig.device.receive(1), "x");
}

TEST_CASE("a slow reader loses nothing, though the other direction has ended before") {
  Rig rig({.close = 100ms});
  rig.start();
  rig.device.finish();
  CHECK_EQ(rig.client.receive_all().first, "");
  const std::string all = much(24 << 20);
  std::thread sender([&] {
    rig.client.send(all);
    rig.client.finish();
  });
  std::string got;
  for (std::string part = "x"; !part.empty() && got.size() < all.size(); got += part) {
    std::this_thread::sleep_for(50ms);
    part = rig.device.receive(std::min<std::size_t>(1 << 20, all.size() - got.size()));
  }
  CHECK(got == all);
  CHECK_EQ(rig.device.receive_all().first, "");
  sender.join();
  CHECK(rig.outcome().ending.clean);
}

TEST_CASE("a relay that is cut resets both sides and says why") {
  Rig rig;
  rig.start();
  rig.client.send("x");
  CHECK_EQ(rig.device.receive(1), "x");
  rig.cut("reset, since the tunnel was stopped at once");
  CHECK(rig.client.sees_reset());
  CHECK(rig.device.sees_reset());
  const Outcome outcome = rig.outcome();
  CHECK_FALSE(outcome.ending.clean);
  CHECK_EQ(outcome.ending.how, "reset, since the tunnel was stopped at once");
  CHECK_EQ(outcome.up, 1);
}

TEST_CASE("a relay that is cut while it waits for a slow reader ends too") {
  Rig rig;
  rig.start();
  const std::string all = much(32 << 20);
  std::thread sender([&] {
    net::ErrorCode ignored;
    asio::write(rig.client.socket(), asio::buffer(all), ignored);
  });
  std::this_thread::sleep_for(200ms);
  rig.cut("enough");
  sender.join();
  CHECK_EQ(rig.outcome().ending.how, "enough");
  CHECK(rig.device.sees_reset());
}

// The client's end of a TLS connection to the relay, with an engine of the test's own.
struct TlsPeer {
  Peer& peer;
  test::End end;

  TlsPeer(Peer& socket, std::shared_ptr<const tls::Context> context)
      : peer(socket), end(std::move(context), "relay", {"relay.example", false}) {
    end.step(0);
    send();
    while (end.status == test::Status::starved) {
      receive();
      end.step(100'000);
      send();
    }
    REQUIRE(end.shaken);
  }
  void send() {
    peer.send_bytes(end.engine.output());
    end.engine.output().clear();
  }
  bool receive() {
    tls::Bytes room(20'000);
    net::ErrorCode error;
    const std::size_t n = peer.socket().read_some(asio::buffer(room), error);
    end.inbox.insert(end.inbox.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
    return n > 0;
  }
  void write(const std::string& text) {
    REQUIRE(end.write(test::bytes_of(text)) == test::Status::ok);
    send();
  }
  std::string read(std::size_t size) {
    std::string out;
    for (;;) {
      out += text_of(end.read_all());
      if (out.size() >= size || end.status != test::Status::starved || !receive()) return out;
    }
  }
};

// A relay in server mode and a TLS client that has come through its handshake.
struct TlsRig {
  Rig rig;
  tls::Engine engine;
  net::Buffers buffers;
  std::optional<TlsPeer> client;

  static const test::Certificate& certificate() {
    static const test::Certificate own = test::make_certificate({.names = {"relay.example"}});
    return own;
  }
  // What is said `early` is there when the relay starts.
  explicit TlsRig(config::Timeouts timeouts = {}, const std::string& early = {},
                  bool others_hold_many = false,
                  config::UncleanEnd unclean_end = config::UncleanEnd::reset)
      : rig(timeouts, !early.empty()), engine(test::server_context(certificate()), "the client") {
    std::thread connecting([this] {
      test::ContextWish wish;
      wish.ca = certificate().pem;
      client.emplace(rig.client, test::client_context(wish));
    });
    net::TlsStream stream(rig.front(), engine);
    const auto done =
        test::run(static_cast<asio::io_context&>(rig.front().get_executor().context()),
                  stream.handshake(buffers));
    connecting.join();
    REQUIRE(done.has_value());
    static_cast<asio::io_context&>(rig.front().get_executor().context()).restart();
    if (!early.empty()) {
      client->write(early);
      REQUIRE(client->end.engine.close() == test::Status::ok);
      client->send();
      std::this_thread::sleep_for(100ms);
    }
    rig.end_uncleanly_by(unclean_end);
    if (others_hold_many) rig.lend_full_blocks();
    rig.start(std::move(stream), PlainStream(rig.back()));
  }
  // the relay uses the engine
  ~TlsRig() { rig.stop(); }
};

TEST_CASE("TLS is opened and sealed, and close_notify is a half-close both ways") {
  TlsRig tls;
  tls.client->write("question");
  CHECK_EQ(tls.rig.device.receive(8), "question");
  REQUIRE(tls.client->end.engine.close() == test::Status::ok);
  tls.client->send();
  CHECK_EQ(tls.rig.device.receive_all().first, "");
  tls.rig.device.send("late answer");
  CHECK_EQ(tls.client->read(11), "late answer");
  tls.rig.device.finish();
  CHECK_EQ(tls.client->read(1), "");
  CHECK(tls.client->end.status == test::Status::closed);
  const Outcome outcome = tls.rig.outcome();
  CHECK(outcome.ending.clean);
  CHECK_EQ(outcome.up, 8);
  CHECK_EQ(outcome.down, 11);
}

TEST_CASE("much data through TLS arrives exactly, both ways at once") {
  bool others_hold_many = false;
  SUBCASE("with full blocks") {}
  SUBCASE("with the small blocks that are left where other connections hold many") {
    others_hold_many = true;
  }
  TlsRig tls({}, {}, others_hold_many);
  const std::string all = much(4 << 20);
  std::string at_device, at_client;
  std::thread device_reader([&] { at_device = tls.rig.device.receive(all.size()); });
  std::thread device_writer([&] { tls.rig.device.send(all); });
  std::thread client_writer([&] {
    REQUIRE(tls.client->end.write(test::bytes_of(all)) == test::Status::ok);
    tls.client->send();
  });
  client_writer.join();
  at_client = tls.client->read(all.size());
  device_reader.join();
  device_writer.join();
  CHECK(at_client == all);
  CHECK(at_device == all);
}

TEST_CASE("the short rest of a fast stream arrives without an end, and its answer comes back") {
  TlsRig tls;
  const std::string all = much(3 << 20);
  for (int i = 0; i < 4; ++i) {
    std::string at_device;
    std::thread device_reader([&] { at_device = tls.rig.device.receive(all.size() + 8); });
    REQUIRE(tls.client->end.write(test::bytes_of(all)) == test::Status::ok);
    tls.client->send();
    tls.client->write("the rest");
    device_reader.join();
    CHECK(at_device == all + "the rest");
    tls.rig.device.send("answer");
    CHECK_EQ(tls.client->read(6), "answer");
  }
  REQUIRE(tls.client->end.engine.close() == test::Status::ok);
  tls.client->send();
  CHECK_EQ(tls.rig.device.receive_all().first, "");
  tls.rig.device.finish();
  CHECK_EQ(tls.client->read(1), "");
  CHECK(tls.rig.outcome().ending.clean);
}

TEST_CASE("the last bytes have the close timeout only for as long as nobody takes any") {
  const std::string last = much(100'000);
  TlsRig tls({.close = 500ms}, last);
  tls.rig.device.finish();
  std::string got;
  for (std::string part = "x"; !part.empty() && got.size() < last.size(); got += part) {
    std::this_thread::sleep_for(100ms);
    part = tls.rig.device.receive(std::min<std::size_t>(10'000, last.size() - got.size()));
  }
  CHECK(got == last);
  CHECK_EQ(tls.rig.device.receive_all().first, "");
  CHECK(tls.rig.outcome().ending.clean);
}

TEST_CASE("a reader that never takes the last bytes is given up after the close timeout") {
  TlsRig tls({.close = 300ms}, much(100'000));
  tls.rig.device.finish();
  const Outcome outcome = tls.rig.outcome();
  CHECK_FALSE(outcome.ending.clean);
  CHECK(tls.rig.device.sees_reset());
  // bytes were lost: the log must not say that all was well
  CHECK_NE(outcome.ending.how.find("its last bytes found no reader for 300 ms"), std::string::npos);
}

TEST_CASE("a truncation after a half-close is told as loudly as one before it") {
  TlsRig tls;
  tls.rig.device.finish();
  CHECK_EQ(tls.client->read(1), "");
  tls.client->write("half an ans");
  CHECK_EQ(tls.rig.device.receive(11), "half an ans");
  tls.rig.client.finish();
  CHECK(tls.rig.device.sees_reset());
  const Outcome outcome = tls.rig.outcome();
  CHECK_FALSE(outcome.ending.clean);
  CHECK(outcome.ending.wrong);
  CHECK_NE(outcome.ending.how.find("without close_notify"), std::string::npos);
}

TEST_CASE("silence after a half-close is told as such") {
  Rig rig({.idle = 200ms});
  rig.start();
  rig.client.finish();
  CHECK_EQ(rig.device.receive_all().first, "");
  CHECK(rig.client.sees_reset());
  CHECK_NE(rig.outcome().ending.how.find("idle for 200 ms"), std::string::npos);
}

TEST_CASE("TLS that ends without close_notify is a reset on the plain side") {
  for (const bool inside_a_record : {false, true}) {
    CAPTURE(inside_a_record);
    TlsRig tls;
    tls.client->write("x");
    CHECK_EQ(tls.rig.device.receive(1), "x");
    if (inside_a_record) tls.rig.client.send(std::string("\x17\x03\x03\x00\x40half", 9));
    tls.rig.client.finish();
    CHECK(tls.rig.device.sees_reset());
    const Outcome outcome = tls.rig.outcome();
    CHECK_FALSE(outcome.ending.clean);
    CHECK(outcome.ending.wrong);
    CHECK_EQ(outcome.ending.how,
             "the client ended the connection without close_notify: the data may have been cut "
             "short, so the other side was reset");
  }
}

TEST_CASE("what came before a truncation is delivered before the reset") {
  TlsRig tls;
  tls.client->write("all of it");
  tls.rig.client.finish();
  CHECK_EQ(tls.rig.device.receive(9), "all of it");
  CHECK(tls.rig.device.sees_reset());
}

// For a while nobody reads, so that both queues of the system are full. Gives what came, and
// whether a reset was the end of it.
std::pair<std::string, bool> read_late(Peer& reader) {
  std::this_thread::sleep_for(200ms);
  std::string out;
  std::string part(50'000, '\0');
  net::ErrorCode error;
  while (!error) {
    out.append(part, 0, reader.socket().read_some(asio::buffer(part), error));
    std::this_thread::sleep_for(1ms);
  }
  return {std::move(out), error == asio::error::connection_reset};
}

TEST_CASE("a slow reader gets every byte that came before an unclean end, and then a reset") {
  const std::string all = much(8 << 20);
  SUBCASE("a reset of the device") {
    Rig rig;
    rig.start();
    std::thread sender([&] {
      rig.device.send(all);
      // its own system still has the last of it
      while (os::send_queue(rig.device.socket().native_handle()).bytes > 0)
        std::this_thread::sleep_for(1ms);
      rig.device.reset();
    });
    CHECK(read_late(rig.client) == std::pair(all, true));
    sender.join();
    const Outcome outcome = rig.outcome();
    CHECK_EQ(outcome.ending.how, "reset by relay.example:443");
    CHECK_EQ(outcome.ending.undelivered_down, 0);
  }
  SUBCASE("no close_notify") {
    TlsRig tls;
    std::thread sender([&] {
      tls.client->write(all);
      tls.rig.client.finish();
    });
    CHECK(read_late(tls.rig.device) == std::pair(all, true));
    sender.join();
    CHECK(tls.rig.outcome().ending.wrong);
  }
  SUBCASE("a record that is not right") {
    TlsRig tls;
    std::thread sender([&] {
      tls.client->write(all);
      tls.rig.client.send(
          std::string_view("\x17\x03\x03\x00\x20 no peer would have sealed such bytes", 37));
    });
    CHECK(read_late(tls.rig.device) == std::pair(all, true));
    sender.join();
    tls.rig.client.close();
    CHECK(tls.rig.outcome().ending.wrong);
  }
  SUBCASE("silence of the device") {
    Rig rig;
    rig.start();
    std::thread sender([&] {
      net::ErrorCode ignored;
      asio::write(rig.device.socket(), asio::buffer(all), ignored);
    });
    std::this_thread::sleep_for(100ms);
    rig.lose(Side::upstream, "it does not answer");
    const auto [got, reset] = read_late(rig.client);
    CHECK(reset);
    rig.device.close();
    const Outcome outcome = rig.outcome();
    CHECK_EQ(outcome.ending.how, "it does not answer");
    // the device may send while it is given up: what counts as carried has come
    CHECK_EQ(outcome.down - outcome.ending.undelivered_down, got.size());
    CHECK_GT(got.size(), 0);
    CHECK(all.starts_with(got));
    sender.join();
  }
}

TEST_CASE(
    "a reader that stands still is given up after the close timeout, and what it lacks is known") {
  const std::string all = much(1 << 20);
  Rig rig({.close = 300ms});
  rig.start();
  rig.client.send(all);
  while (rig.own().up.value() < all.size()) std::this_thread::sleep_for(1ms);
  rig.client.reset();
  const Outcome outcome = rig.outcome();
  CHECK_EQ(outcome.ending.how, "reset by the client");
  const auto delivered = outcome.up - outcome.ending.undelivered_up;
  CHECK_LT(delivered, outcome.up);
  const auto [got, end] = rig.device.receive_all();
  CHECK_EQ(got.size(), delivered);
  CHECK(end == asio::error::connection_reset);
}

TEST_CASE("a side that is found silent again and again does not keep a reader that stands still") {
  const std::string all = much(32 << 20);
  Rig rig({.close = 500ms});
  rig.start();
  std::thread sender([&] {
    net::ErrorCode ignored;
    asio::write(rig.device.socket(), asio::buffer(all), ignored);
  });
  std::atomic<bool> over = false;
  // every check of the peer says so
  std::thread checks([&] {
    while (!over) {
      std::this_thread::sleep_for(50ms);
      rig.lose(Side::upstream, "it does not answer");
    }
  });
  const Outcome outcome = rig.outcome();
  over = true;
  checks.join();
  sender.join();
  CHECK_EQ(outcome.ending.how, "it does not answer");
}

TEST_CASE("an end without close_notify is an end of file where that is wished for") {
  TlsRig tls({}, {}, false, config::UncleanEnd::close);
  tls.client->write("all of it");
  tls.rig.client.finish();
  const auto [got, end] = tls.rig.device.receive_all();
  CHECK_EQ(got, "all of it");
  CHECK(end == asio::error::eof);
  tls.rig.device.finish();
  const Outcome outcome = tls.rig.outcome();
  CHECK(outcome.ending.clean);
  CHECK_FALSE(outcome.ending.wrong);
  CHECK_EQ(outcome.ending.how, "closed by the client without close_notify");
}

TEST_CASE("a peer that hangs up after our close_notify with nothing under way has ended as usual") {
  bool answer_owed = false;
  bool in_a_record = false;
  SUBCASE("the last bytes were its own") {}
  SUBCASE("the last bytes were the device's, and may have an answer") { answer_owed = true; }
  SUBCASE("a part of a record has come") { in_a_record = true; }
  TlsRig tls;
  tls.client->write("question");
  CHECK_EQ(tls.rig.device.receive(8), "question");
  if (answer_owed) {
    tls.rig.device.send("answer");
    CHECK_EQ(tls.client->read(6), "answer");
  }
  tls.rig.device.finish();
  CHECK_EQ(tls.client->read(1), "");
  if (in_a_record) tls.rig.client.send(std::string("\x17\x03\x03\x00\x40half", 9));
  tls.rig.client.finish();
  CHECK_EQ(tls.rig.device.sees_reset(), answer_owed || in_a_record);
  const Outcome outcome = tls.rig.outcome();
  CHECK_EQ(outcome.ending.wrong, in_a_record);
  CHECK_EQ(outcome.ending.clean, !answer_owed && !in_a_record);
  if (!in_a_record) CHECK_EQ(outcome.ending.how, "closed by relay.example:443");
}

TEST_CASE("a forged record is a reset on the plain side and an alert on the other") {
  TlsRig tls;
  tls.client->write("x");
  CHECK_EQ(tls.rig.device.receive(1), "x");
  tls.rig.client.send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  CHECK(tls.rig.device.sees_reset());
  CHECK_EQ(tls.client->read(1), "");
  CHECK(tls.client->end.status == test::Status::failed);
  CHECK_EQ(tls.client->end.engine.failure().message(), "relay refused the connection: bad record");
  const Outcome outcome = tls.rig.outcome();
  CHECK(outcome.ending.wrong);
  CHECK_EQ(outcome.ending.how,
           "a record from the client was forged or damaged on the way, so the other side was "
           "reset");
}

TEST_CASE("a reset of the device is not a clean end for the TLS client") {
  TlsRig tls;
  tls.rig.device.reset();
  CHECK_EQ(tls.client->read(1), "");
  CHECK(tls.client->end.status == test::Status::starved);
  CHECK_EQ(tls.rig.outcome().ending.how, "reset by relay.example:443");
}

}  // namespace
}  // namespace tunnel
