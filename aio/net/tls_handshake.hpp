#pragma once

// The TLS handshake of one connection, of either side: it takes its turns, has a deadline, and can
// be seen among the tasks of its loop.

#include <aio/async/clock.hpp>
#include <aio/async/timer_queue.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/handshake_turns.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace aio::async {
class loop;
class runner;
} // namespace aio::async

namespace aio::net {

class connection;

/// Loop: the connection's.
class AIO_API tls_handshake : private async::timer, private handshake_turns::place {
  public:
    struct limits {
        base::duration whole;                  ///< for all of it
        std::optional<base::duration> silence; ///< without anything from the peer
    };

    /// `over` has a session of TLS, and outlives the handshake, whose time begins now.
    tls_handshake(connection& over, const limits& allowed);

    /// Shows it among the tasks of the loop, under the name that `describe` makes of `subject`. The
    /// section `works_for` is a string that outlives it.
    void show(
        std::string (*describe)(const void* subject),
        const void* subject,
        std::string_view works_for
    );

    /// Called at each event of the connection. It may be over before this returns.
    void go_on();

  protected:
    using place::waits_for_turn;

    /// This side lets what the peer has sent wait: it is not the peer that is silent.
    virtual bool held_back() const noexcept { return waits_for_turn(); }

    /// Something has come from the peer, and waits.
    void heard() noexcept;

    ~tls_handshake();

  private:
    /// Called once: it is over. Empty: both sides agree, and what the peer had to show is verified.
    /// May destroy this object.
    virtual void shaken(const std::error_code& why) = 0;

    void step() override;
    void fire() override;
    async::time_point end() const noexcept;
    async::time_point due() const noexcept;
    void hide() noexcept;

    connection& over_;
    const limits allowed_;
    async::loop& home_;
    handshake_turns& turns_;
    const async::time_point begun_;
    async::time_point moved_;
    async::runner* shown_ = nullptr;
};

} // namespace aio::net
