#pragma once

// What every connection that a server or a client owns does, over stream_core and transport_core:
// its timer, the end at a stop and after a silence, and the close that waits for the peer. Private
// to the owners.

#include <aio/net/error.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/transport_core.hpp>
#include <aio/protocols/closing.hpp>
#include <aio/protocols/watchdog.hpp>

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace aio::protocols {

/// `Owned` is the base class by which the owner knows its sessions. It has the virtual tell() and
/// cancel(), and, for this class:
///
///     static constexpr std::string_view direction;       // "from" or "to": the word before the
///     peer stage owner_stage() const noexcept; base::duration linger_time() const noexcept;
///     silence_limits owner_limits() const noexcept;
///     net::traffic& owner_traffic() const noexcept;      // the bytes of all its connections
///     void tell_silent(silence why) const noexcept;      // the connection ends for that; once
///     void forget() noexcept;                            // it is closed, and nothing runs; once
template <typename Owned, typename Core>
class session_over : public Owned, protected watchdog, public Core {
  public:
    ~session_over() override { leave_owner(); }

    /// The owner stops: ends a wait for input and lets the rest finish, unless the peer takes
    /// nothing of it for linger_time(). The session is not destroyed within this call.
    void tell() noexcept override {
        if (this->lingering())
            return wait_for_close(rest_of_close(this->waits_for(), this->linger_time()));
        try {
            this->hurry(this->linger_time());
        } catch (const std::bad_alloc&) { // the stop waits longer
        }
        this->end_input(net::end_reason::stopping);
    }

    /// Cancels the protocol, unless that is a task of a group, which cancels it, and the wait for
    /// the peer. The session may be destroyed when this returns.
    void cancel() noexcept override {
        const bool lingers = this->lingering();
        interrupt();
        if (lingers)
            this->stop_lingering();
    }

  protected:
    static constexpr bool by_callbacks = std::derived_from<Core, net::transport_core>;

    template <typename... Given>
    session_over(net::poller& poller, int fd, const net::address& peer, Given&&... given)
        : Owned(std::forward<Given>(given)...), Core(poller, fd, peer) {}

    /// Cancels what serves the connection.
    virtual void interrupt() noexcept {
        if constexpr (by_callbacks)
            if (!this->lingering())
                this->fail(std::make_error_code(std::errc::operation_canceled));
    }

    /// The connection is closed and nothing runs for it. The handle of a stream may keep this
    /// object alive longer than the owner. May be called again. A class whose virtual functions
    /// forget() needs calls it in its destructor.
    void leave_owner() noexcept {
        if (end_watch())
            this->forget();
    }

    /// "connection from 127.0.0.1:4242"
    std::string who() const {
        const std::string peer = this->net::connection::peer().text();
        return fmt::format(
            "connection {} {}", Owned::direction, peer.empty() ? "a unix socket" : peer
        );
    }

    /// What a connection waits for that no task works on.
    std::string what_it_awaits() const {
        if constexpr (by_callbacks)
            if (this->has_unsent())
                return fmt::format("{} has {} left to send", who(), this->unsent());
        const bool counted = this->connection::local().kind() != net::family::unix_path;
        return text_of_wait(who(), this->waits_for(), counted ? this->unconfirmed() : 0);
    }

    // Core
    void active() noexcept final {
        if (!watches_silence())
            return;
        moved(this->on().home().now());
        owed_ = 0;
    }

    void set_timer(async::time_point when) final { watch_deadline(when); }

    // After a cancellation there is no time left for a peer that neither reads nor closes.
    void lingers() noexcept override {
        const stage now = this->owner_stage();
        if (now == stage::cancelled)
            return this->stop_lingering();
        wait_for_close(limit_of_close(this->waits_for(), now, this->linger_time()));
    }

    // watchdog
    async::loop& home() const noexcept final { return this->on().home(); }

    silence_limits limits_of_silence() const noexcept final { return this->owner_limits(); }

    net::traffic& all_traffic() const noexcept final { return this->owner_traffic(); }

    void count_in(net::traffic& counters) noexcept final { this->count(counters); }

    bool is_taken() noexcept final {
        const auto left = static_cast<std::uint32_t>(this->unconfirmed());
        return left != std::exchange(owed_, left) && left != 0;
    }

    async::time_point check_deadlines() noexcept final { return this->check_time(); }

    void expired() noexcept override {
        const bool hurried = this->owner_stage() == stage::stopping;
        if (hurried && this->waits_for() == net::close_wait::close_notify && peer_reads_on())
            return arm(this->linger_time());
        this->stop_lingering();
    }

    /// A coroutine is asked to end first. A write that waits, and a second silence, end it at once.
    void silent(silence why) noexcept final {
        const bool again = std::exchange(told_silent_, true);
        if (!again)
            this->tell_silent(why);
        if constexpr (by_callbacks) {
            if (this->has_unsent())
                return this->fail(make_error_code(net::errc::idle));
        } else if (again || this->writing()) {
            this->end_reading(net::end_reason::idle);
            return this->close();
        }
        this->end_input(net::end_reason::idle);
    }

  private:
    void wait_for_close(base::duration limit) noexcept {
        peer_reads_on();
        arm(limit);
    }

    /// Something has reached the peer since the last call.
    bool peer_reads_on() noexcept {
        const auto left = static_cast<std::uint32_t>(this->unconfirmed());
        return left < std::exchange(owed_, left);
    }

    std::uint32_t owed_ =
        0; ///< bytes that were unconfirmed at the last look; 0: none since data has moved
    bool told_silent_ = false;
};

} // namespace aio::protocols
