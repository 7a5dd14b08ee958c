// Joins two open ends: one pump for each direction, and one rule for how the connection ends.
#pragma once

#include <asio/experimental/awaitable_operators.hpp>

#include <asio/co_spawn.hpp>

#include <exception>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "net/buffers.hpp"
#include "net/relay_stream.hpp"
#include "relay/direction.hpp"
#include "relay/pump.hpp"
#include "relay/relay_control.hpp"
#include "relay/relay_state.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel {

// Front is the accepted end, Back the dialled one. EOF on one side becomes a half-close on the
// other, and the other direction continues for as long as it moves. Anything unclean becomes a
// reset, never an end that looks clean, and only after the other side has every byte that arrived
// before it.
template <net::RelayStream Front, net::RelayStream Back>
class Relay final : public RelayControl {
 public:
  // All outlive the relay. `upstream` is the dialled end in words. Bytes are counted in `own`,
  // which begins at zero, and in `all`. `explain` is the protocol of a client that can be told why.
  Relay(Front& front, Back& back, net::Buffers& buffers, const config::Timeouts& timeouts,
        config::UncleanEnd unclean_end, config::Explain explain, std::string upstream,
        TrafficStats& own, TrafficStats& all)
      : front_(front),
        back_(back),
        timeouts_(timeouts),
        state_{*this,
               buffers,
               unclean_end,
               explain,
               std::move(upstream),
               IdleWatchdog(*this, front.socket(), back.socket(), timeouts),
               {own.up, all.up},
               {own.down, all.down}},
        joined_(front.socket().get_executor()) {}

  // Returns when both directions are over and both sockets are closed; that of a client that waits
  // for an explanation is still open.
  net::Awaitable<Ending> run() {
    using namespace asio::experimental::awaitable_operators;
    state_.watchdog.start();
    // one pump runs beside this coroutine and one in it: operator && would cost a frame for each
    std::exception_ptr thrown;
    bool beside = true;
    asio::co_spawn(front_.socket().get_executor(), down_pump_.run(),
                   [this, &thrown, &beside](std::exception_ptr exception) {
                     if (exception) {
                       thrown = std::move(exception);
                       cut({});
                     }
                     beside = false;
                     joined_.cancel();
                   });
    joined_.expires_at(net::Timer::time_point::max());
    try {
      co_await up_pump_.run();
    } catch (...) {
      thrown = std::current_exception();
    }
    // neither continues without the other
    if (thrown) cut({});
    while (beside) co_await joined_.async_wait(net::as_result);
    if (thrown) std::rethrow_exception(thrown);
    state_.watchdog.stop();
    auto closing_back = close_end(back_.socket(), state_.up, state_.down, timeouts_.close);
    if (state_.ending.client_waits)
      co_await std::move(closing_back);
    else
      co_await (close_end(front_.socket(), state_.down, state_.up, timeouts_.close) &&
                std::move(closing_back));
    state_.ending.clean = state_.up.carried && state_.down.carried;
    state_.ending.undelivered_up = state_.up.undelivered();
    state_.ending.undelivered_down = state_.down.undelivered();
    co_return state_.ending;
  }

  void cut(std::string why) override {
    state_.note_failure(std::move(why));
    reset_end(front_.socket(), state_.down);
    reset_end(back_.socket(), state_.up);
  }

  void lose(Side side, std::string why) override {
    Direction& from = side == Side::client ? state_.up : state_.down;
    // each check finds it again: the time for the remaining bytes runs from the first
    if (std::exchange(from.lost, true)) return;
    state_.note_failure(std::move(why));
    (side == Side::client ? state_.down : state_.up).stopped = true;
    net::ErrorCode ignored;
    for (net::Socket* socket : {&front_.socket(), &back_.socket()})
      if (socket->is_open()) socket->cancel(ignored);
    state_.watchdog.use_close_timeout();
  }

  void expect_end() override {
    if (!state_.watchdog.uses_close_timeout()) state_.watchdog.use_close_timeout();
  }

 private:
  Front& front_;
  Back& back_;
  const config::Timeouts& timeouts_;
  RelayState state_;
  net::Timer joined_;  // cancelled when the pump beside is over
  Pump<Side::client, Front, Back> up_pump_{state_, front_, back_};
  Pump<Side::upstream, Back, Front> down_pump_{state_, back_, front_};
};

}  // namespace tunnel
