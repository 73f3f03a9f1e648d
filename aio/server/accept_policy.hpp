#pragma once

// Decides what follows when accept gives no connection. Pure: the acceptor acts.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/failure_run.hpp>

#include <cstddef>

namespace aio::server {

/// The cause of an error of accept(2).
enum class accept_error {
    nothing_there,  ///< no connection waits (any more)
    one_connection, ///< a connection failed before it was accepted, and has left the queue
    shortage,       ///< the process or the system is short of a resource
    refused,        ///< a rule of the system forbids it; the connection may stay in the queue
    broken,         ///< the socket cannot accept any more
};

/// Sorts the errors that accept(2) documents. Any other error is `refused`, because a pause is
/// right whatever it means.
AIO_API accept_error classify(int number) noexcept;

enum class accept_action {
    wait,     ///< for the next event
    back_off, ///< no accept before `pause` is over, and the log hears why
    give_up,  ///< the server has crashed
};

struct accept_decision {
    accept_action action = accept_action::wait;
    base::duration pause{0};

    accept_decision() = default;
};

/// Of one listening socket.
class AIO_API accept_policy {
  public:
    /// Called when accept failed with this errno.
    accept_decision failed(int number) noexcept;

    /// Called when the socket cannot be watched. Returns how long to wait.
    base::duration cannot_watch() noexcept { return failures_.lasting(); }

    /// The failures with a pause in the current run.
    std::size_t failures() const noexcept { return failures_.paused(); }

    /// Called when the server hears of the current run of failures. Returns false for the first
    /// time.
    bool told() noexcept { return failures_.told(); }

    /// Called when accept gave a connection. Returns how many failures this ends; 0 when the server
    /// has not heard of them.
    std::size_t succeeded() noexcept;

    /// Called when the socket was watched for a while and nothing came: ends the run of failures.
    /// Returns as succeeded().
    std::size_t quiet() noexcept { return failures_.succeeded(); }

  private:
    net::failure_run failures_;
};

} // namespace aio::server
