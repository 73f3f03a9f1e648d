#pragma once

// One connection of a client: its protocol, and its one timer, which watches for silence and, at
// last, for a peer that does not close. Private to client/.

#include <aio/async/timer_queue.hpp>
#include <aio/base/units.hpp>
#include <aio/client/shared.hpp>
#include <aio/net/connection.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace aio::client {

class session : public async::timer {
  public:
    /// For a peer that has to read before what was sent has reached it.
    static constexpr base::duration delivery_limit = std::chrono::seconds(60);
    /// For a peer whose end is awaited when the stop comes.
    static constexpr base::duration hurried_linger = std::chrono::milliseconds(200);

    /// Called once, when the protocol has ended. The socket may still wait for its peer.
    using end_handler = std::function<void(std::exception_ptr why)>;

    session(shared& all, end_handler ended) : all_(all), ended_(std::move(ended)) {
        all_.add(*this);
    }

    virtual ~session() = default;

    /// The client stops: ends a wait for input and lets the rest finish.
    virtual void tell() noexcept = 0;
    /// Cancels the protocol, unless that is a task, which its group cancels, and the wait for the
    /// peer. The session may be destroyed when this returns.
    virtual void cancel() noexcept = 0;
    /// What it waits for when no task runs for it; empty when one does.
    virtual std::string unfinished() const = 0;

  protected:
    /// The protocol has ended.
    void protocol_ended(std::exception_ptr why) noexcept;
    /// The connection is closed, and nothing runs for it. May be called again.
    void left() noexcept;
    /// How long a close may wait.
    base::duration linger_limit(net::close_wait what) const noexcept;

    void arm(base::duration delay);
    void disarm() noexcept;
    /// Starts the watchdog: for silence if there is an idle_timeout, and for the deadlines of the
    /// connection.
    void watch_time();
    /// A deadline of the connection is due at `when`.
    void watch_deadline(async::time_point when);

    void moved() noexcept {
        if (watched_ == watched::silence)
            moved_ = all_.home.now();
    }

    /// Called when the connection was silent for idle_timeout. The watchdog is already set again.
    virtual void silent() noexcept = 0;
    /// Ends what is over by the deadlines of the connection, in a later turn. Returns when the next
    /// of them is; async::never: none.
    virtual async::time_point check_deadlines() noexcept = 0;
    /// Called when the time that arm() has set is over.
    virtual void expired() noexcept = 0;

    shared& all_; ///< until left()

  private:
    /// What the timer is set for.
    enum class watched : std::uint8_t { limit, deadlines, silence };

    void fire() override;
    /// When the silence has lasted for idle_timeout; async::never: it is not watched.
    async::time_point due() const noexcept;

    end_handler ended_;
    async::time_point moved_{};
    watched watched_ = watched::limit;
    bool left_ = false;
};

/// "the connection to 127.0.0.1:4000 waits for its peer to close": for a connection that no
/// protocol works on.
std::string text_of_wait(const std::string& who, net::close_wait what, std::size_t unconfirmed);

} // namespace aio::client
