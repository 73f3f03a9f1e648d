#pragma once

// Decides what follows when accept gives no connection. Pure: the acceptor acts.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/failure_run.hpp>
#include <aio/service/descriptors.hpp>

#include <algorithm>
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

/// How many of the `limit` descriptors that a process may have stay free of connections.
/// - Always a quarter, 64 at most: files, answers of resolvers and other work need some while a
///   server is full.
/// - In addition what the units need to start again, so that clients cannot keep a child process
///   from its restart. What running units hold is in use, and they need only the rest
///   (`use.to_start` less `use.started`). Together they are half of the limit at most. The addition
///   shrinks where it would leave less than an eighth of the limit, beside what is in use, for
///   connections; the quarter does not shrink.
constexpr std::size_t
reserved_descriptors(std::size_t limit, const service::descriptor_use& use = {}) noexcept {
    constexpr std::size_t enough = 64;
    const std::size_t always = std::min(limit / 4, enough);
    const std::size_t missing = use.to_start - std::min(use.to_start, use.started);
    const std::size_t wanted = std::min(always + missing, limit / 2);
    const std::size_t left = limit - std::min(limit, use.in_use + use.started + limit / 8);
    return std::max(always, std::min(wanted, left));
}

/// Whether a connection with the descriptor `number` takes one of reserved_descriptors(). The
/// server has `connections` with this one. The system gives the lowest free number, so all lower
/// ones are open. What is known to be open may have higher numbers.
constexpr bool takes_reserved(
    std::size_t number,
    std::size_t connections,
    std::size_t limit,
    const service::descriptor_use& use
) noexcept {
    const std::size_t open = std::max(number + 1, use.in_use + use.started + connections);
    return open + reserved_descriptors(limit, use) > limit;
}

/// Of one listening socket.
class AIO_API accept_policy {
  public:
    /// Called when accept failed with this errno.
    accept_decision failed(int number) noexcept;

    /// Called when a connection has taken a reserved descriptor, see takes_reserved().
    accept_decision took_reserved() noexcept;

    /// The last connection took a reserved descriptor. The next one needs a descriptor that is not
    /// reserved then, unless it is the only one of the server (`connections`, with it): with few
    /// descriptors a server would have no clients for ever.
    bool spares_reserved(std::size_t connections) const noexcept {
        return spares_reserved_ && connections > 1;
    }

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
    bool spares_reserved_ = false;
};

} // namespace aio::server
