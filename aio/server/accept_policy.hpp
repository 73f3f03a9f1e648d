#pragma once

// What to do after an accept that did not give a connection. Pure: the acceptor acts.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <cstddef>

namespace aio::server {

enum class accept_action {
    wait,     ///< for the next event: nothing was there, or the connection has gone already
    back_off, ///< the system is out of something: not before `pause` is over
    give_up,  ///< the socket is no good any more
};

struct accept_decision {
    accept_action action = accept_action::wait;
    base::duration pause{0};

    accept_decision() = default;
};

/// Of one listening socket.
class AIO_API accept_policy {
  public:
    static constexpr base::duration first_pause = std::chrono::milliseconds(10);
    static constexpr base::duration longest_pause = std::chrono::seconds(1);

    /// accept failed with this errno.
    accept_decision failed(int number) noexcept;

    /// Of the row of failures that goes on, the log has heard.
    void told() noexcept { told_ = true; }

    /// accept gave a connection: how many failures in a row this ended. Worth a line unless 0: the
    /// log, which has not heard of the row, need not hear of its end.
    std::size_t succeeded() noexcept;

  private:
    std::size_t failures_ = 0;
    bool told_ = false;
    base::duration next_ = first_pause;
};

} // namespace aio::server
