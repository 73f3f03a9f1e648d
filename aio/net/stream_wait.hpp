#pragma once

// How the operations of a stream wait. Private to net/.

#include <aio/async/suspend.hpp>
#include <aio/net/deadlines.hpp>
#include <aio/net/stream_core.hpp>

#include <cerrno>

namespace aio::net {

struct stream_core::reference {
    explicit reference(stream_core& held) noexcept : core(held) { core.hold(); }

    reference(const reference&) = delete;
    reference& operator=(const reference&) = delete;

    ~reference() { core.let_go(); }

    stream_core& core;
};

/// One operation of a side. It holds the stream, and its waits end with it.
template <side Which>
struct stream_core::operation {
    explicit operation(stream_core& held) noexcept : core(held) { core.hold(); }

    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;

    ~operation() {
        core.finish_wait(Which);
        core.let_go();
    }

    stream_core& core;
};

/// Lives in the frame of the coroutine that waits.
template <side Which>
struct stream_core::wait final : async::waiter {
    /// Throws connection_timeout when there is no time left, or the wait before it was over and
    /// nothing has come since.
    explicit wait(stream_core& on) : core(on) {
        core.throw_if_late(Which);
        core.begin_wait(Which);
        core.throw_if_late(Which);
    }

    virtual ~wait() = default;

    void begin() override { core.waiter_of(Which) = this; }

    bool withdraw() noexcept override {
        core.waiter_of(Which) = nullptr;
        return true;
    }

    /// Called when it was woken. Throws what has ended the wait.
    void check(const char* operation) {
        throw_if_cancelled();
        core.check_usable(ECANCELED, operation);
    }

    stream_core& core;
};

} // namespace aio::net
