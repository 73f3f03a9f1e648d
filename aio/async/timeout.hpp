#pragma once

// A limit on how long a coroutine may take. For a single wait now and then; a connection has one
// watchdog timer instead.

#include <aio/async/child.hpp>
#include <aio/async/clock.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <stdexcept>
#include <utility>

namespace aio::async {

/// What with_timeout() throws; also what is derived from it, such as net::connection_timeout.
struct AIO_API timeout_error : std::runtime_error {
    timeout_error() : timeout_error("timed out") {}

    explicit timeout_error(const char* text) : std::runtime_error(text) {}
};

/// Awaits `work` with a limit: after `limit` the work is cancelled (terminal).
/// Completes: when the work has ended, also after the limit. A result it returns in spite of the
/// cancellation is returned.
/// Loop: the caller's.
/// Cancelled: the work is cancelled and waited for.
/// Throws: timeout_error when the work ended by that cancellation; else what the work throws.
AIO_API task<void> with_timeout(duration limit, task<void> work);

template <typename T>
    requires(!std::is_void_v<T>)
task<T> with_timeout(duration limit, task<T> work) {
    outcome<T> result;
    co_await with_timeout(limit, keep_outcome(std::move(work), result));
    co_return result.take();
}

} // namespace aio::async

namespace aio {

using async::timeout_error;
using async::with_timeout;

} // namespace aio
