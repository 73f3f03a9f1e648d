#pragma once

// Accepts connections from one listening socket, one at each event (draining the queue gains
// nothing). It pauses while the server is full or the system is short of a resource. Private to
// server/.

#include <aio/async/timer_queue.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/net/address.hpp>
#include <aio/net/poller.hpp>
#include <aio/server/accept_policy.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace aio::server {

class lane;

/// The loops that watch one socket.
enum class watchers { own_loop, all_loops };

class acceptor final : private net::watch, private async::timer {
  public:
    acceptor(lane& owner, int fd, watchers all);

    ~acceptor();

    /// Throws std::system_error; it accepts nothing then.
    void start();
    void stop() noexcept;
    /// Ends a pause for a free place.
    void place_is_free() noexcept;
    /// Ends any pause: a descriptor is free again as well.
    void connection_has_ended() noexcept;

  private:
    enum class state {
        stopped,
        accepting,   ///< after a failure the timer ends the run of failures
        full,        ///< watches nothing until a place is free or the timer fires
        backing_off, ///< watches nothing until the timer fires or a connection ends
        slowed,      ///< by accept_rate: watches nothing until the timer fires
    };

    void ready(std::uint32_t events) override;

    void fire() override;

    bool pausing() const noexcept { return state_ == state::full || state_ == state::backing_off; }

    void watch_no_more(state next) noexcept;
    void resume() noexcept;
    void resume_after(base::duration pause) noexcept;
    void wait_for_place() noexcept;
    void refuse_one();
    /// Returns whether accept_rate asks to wait, after the timer was set for that.
    bool is_too_early() noexcept;
    base::descriptor accept(net::address& peer) noexcept;
    void failed(int number);
    void tell_trouble(const std::string& cause);
    void tell_watch_failed(const std::exception& failure) noexcept;
    void tell_success();
    void tell_quiet() noexcept;
    void act(accept_decision decision, int number);
    void back_off(base::duration pause, const std::string& cause);
    bool may_accept(std::size_t taken) const noexcept;
    /// No descriptor is left for a connection.
    void keep_free();

    lane& lane_;
    int fd_;
    watchers all_;
    state state_ = state::stopped;
    accept_policy policy_;
};

} // namespace aio::server
