#pragma once

// Decides what follows when accept gives no connection. Pure: the acceptor acts.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/service/runtime.hpp>

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

/// How many of the `limit` descriptors that a process may have are not for connections.
/// - A quarter, 64 at most: files, answers of resolvers and other work need some while a server is
///   full.
/// - In addition what the units need to start again (`use.to_start`), so that clients cannot keep a
///   child process from its restart. Together they are half of the limit at most.
/// - An eighth of the limit is for connections, whatever the units need and have in use.
constexpr std::size_t
reserved_descriptors(std::size_t limit, const service::descriptor_use& use = {}) noexcept {
    constexpr std::size_t enough = 64;
    const std::size_t usual = std::min(limit / 4, enough);
    const std::size_t wanted = std::min(usual + use.to_start, limit / 2);
    const std::size_t left = limit - std::min(limit, use.in_use + limit / 8);
    return std::max(usual, std::min(wanted, left));
}

/// Of one listening socket.
class AIO_API accept_policy {
  public:
    static constexpr base::duration first_pause = std::chrono::milliseconds(10);
    static constexpr base::duration longest_pause = std::chrono::seconds(1);
    /// Connections in a row that may fail before there is a pause, too.
    static constexpr std::size_t failing_connections = 16;

    /// Called when accept failed with this errno.
    accept_decision failed(int number) noexcept;

    /// The log has heard of the current run of failures.
    void told() noexcept { told_ = true; }

    /// Called when accept gave a connection. Returns how many failures this ends, for the log; 0
    /// when they were not logged.
    std::size_t succeeded() noexcept;

  private:
    accept_decision back_off() noexcept;

    std::size_t failures_ = 0; ///< followed by a pause
    std::size_t failed_connections_ = 0;
    bool told_ = false;
    base::duration next_ = first_pause;
};

} // namespace aio::server
