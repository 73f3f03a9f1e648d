#pragma once

// One of the connections that a client wants: it is made, and made again after each end. Private to
// client/.

#include <aio/async/clock.hpp>
#include <aio/async/task.hpp>
#include <aio/client/condition.hpp>
#include <aio/client/reconnect.hpp>
#include <aio/client/shared.hpp>
#include <aio/net/connect.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/stream.hpp>
#include <aio/net/target.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace aio::client {

class session;

class link {
  public:
    /// It begins with the target of number `index`, counted in a circle.
    link(shared& all, std::size_t index);
    link(const link&) = delete;
    link& operator=(const link&) = delete;

    /// Connects in a task of its own.
    void start();
    /// The tasks that connect are cancelled.
    void stopped() noexcept;
    link_view view() const noexcept;

    /// "connection to bank.example:4000"
    std::string text() const;

  private:
    void approach(reconnect_action next);
    task<void> come(reconnect_action next);
    task<reconnect_action> attempt();
    template <typename Connected>
    reconnect_action connected(Connected made, async::time_point begun);
    void serve(net::stream made);
    void serve(net::socket made);
    template <typename Session>
    void serve_by(net::stream made);
    void ended(std::exception_ptr why);
    void ended_for_good(const std::exception_ptr& why);
    reconnect_action failed(const std::exception_ptr& why);
    reconnect_action step(reconnect_event what);
    void crash();

    void tell_connected();
    void tell_failed(const std::exception_ptr& why, const reconnect_action& next);
    void tell_ended(const std::exception_ptr& why, const reconnect_action& next);
    void tell_stopped(const std::exception_ptr& why) const;

    const net::target& target() const;

    shared& all_;
    reconnect machine_;
    std::size_t turn_;
    link_state state_ = link_state::stopped;
    async::time_point until_{}; ///< the end of the pause
    async::time_point up_since_{};
    std::string peer_; ///< of the last connection
    failure last_ = failure::ended;
    std::exception_ptr why_; ///< of the last failed attempt
    bool was_short_ = false; ///< the last connection was not steady
};

} // namespace aio::client
