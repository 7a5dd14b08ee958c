// One message for each line, to a receiver that goes away and comes back.
#include "log/syslog_sink.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace tunnel {
namespace {

using namespace std::chrono_literals;

struct Receiver {
  int away = 0;  // for so many attempts
  int takes = 1000;
  int renewed = 0;
  std::vector<std::string> messages;
};

class Channel : public SyslogSink::Channel {
 public:
  explicit Channel(std::shared_ptr<Receiver> receiver) : receiver_(std::move(receiver)) {}
  std::string send(const std::string& message) override {
    if (receiver_->away > 0 || receiver_->takes == 0) {
      --receiver_->away;
      return "it is away";
    }
    --receiver_->takes;
    receiver_->messages.push_back(message);
    return {};
  }
  void renew() override { ++receiver_->renewed; }

 private:
  const std::shared_ptr<Receiver> receiver_;
};

struct Rig {
  explicit Rig(SyslogSink::Form form = SyslogSink::Form::rfc5424,
               std::chrono::milliseconds patience = 20s)
      : sink(form, {"h", "1"}, std::make_unique<Channel>(receiver), {patience, 1ms}) {}

  const std::shared_ptr<Receiver> receiver = std::make_shared<Receiver>();
  SyslogSink sink;
};

TEST_CASE("each line is one message") {
  Rig rig;
  const auto written = rig.sink.write("one\ntwo\n");
  CHECK_EQ(written.bytes, 8);
  CHECK_EQ(rig.receiver->messages, std::vector<std::string>{"one", "two"});
}

TEST_CASE("a receiver that restarts is waited for, and no message is lost or doubled") {
  Rig rig;
  rig.receiver->away = 5;
  const auto written = rig.sink.write("one\ntwo\n");
  CHECK_EQ(written.bytes, 8);
  CHECK_EQ(written.why, "");
  CHECK_EQ(rig.receiver->messages, std::vector<std::string>{"one", "two"});
}

TEST_CASE("messages for a receiver that stays away are told apart from those that it has") {
  Rig rig(SyslogSink::Form::rfc5424, 10ms);
  rig.receiver->takes = 1;
  const auto written = rig.sink.write("one\ntwo\nthree\n");
  CHECK_EQ(written.bytes, 4);
  CHECK_EQ(written.why, "it is away");
  CHECK_EQ(rig.receiver->messages, std::vector<std::string>{"one"});
}

TEST_CASE("each form encodes the event") {
  LogEvent event;
  event.event = "x";
  event.message = "m";
  CHECK(Rig().sink.encode(event, LogFormat::text)->starts_with("<30>1 2"));
  CHECK_EQ(*Rig(SyslogSink::Form::local).sink.encode(event, LogFormat::text), "<30>tunnel[1]: m");
  Rig journal(SyslogSink::Form::journal);
  journal.sink.write(*journal.sink.encode(event, LogFormat::text) + "\n");
  CHECK_EQ(journal.receiver->messages,
           std::vector<std::string>{"PRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=tunnel\n"
                                    "MESSAGE=m\nTUNNEL_EVENT=x\n"});
}

TEST_CASE("a log that is to be opened anew looks its receiver up again") {
  Rig rig;
  CHECK(rig.sink.refresh(false));
  CHECK_EQ(rig.receiver->renewed, 0);
  CHECK(rig.sink.refresh(true));
  CHECK_EQ(rig.receiver->renewed, 1);
}

TEST_CASE("a log writes what its sink encodes") {
  const auto receiver = std::make_shared<Receiver>();
  {
    Log log({}, std::make_unique<SyslogSink>(SyslogSink::Form::local, SyslogOrigin{"h", "1"},
                                             std::make_unique<Channel>(receiver)));
    log.warn("x", "one");
    log.debug("x", "not shown");
    REQUIRE(log.flush(20s));
  }
  CHECK_EQ(receiver->messages, std::vector<std::string>{"<28>tunnel[1]: one"});
}

}  // namespace
}  // namespace tunnel
