#include <aio/net/error.hpp>
#include <aio/net/stream_wait.hpp>
#include <aio/net/tls_handshake.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/wire.hpp>

#include <sys/epoll.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

[[noreturn]] void fail(int number, const char* name) {
    throw std::system_error(number, std::system_category(), name);
}

} // namespace

void stream_core::let_go() noexcept {
    if (--references_ == 0)
        delete this;
}

void stream_core::check_usable(int number, const char* operation) const {
    if (!usable())
        fail(number, operation);
}

void stream_core::give_way() {
    if (deferred())
        return;
    hold();
    on().defer(*this);
}

void stream_core::ready(std::uint32_t events) {
    const reference self(*this);
    if (events == 0)
        let_go();
    note(events);
    if (lingering()) {
        const close_wait before = waits_for();
        if (linger())
            finish_lingering();
        else if (waits_for() != before)
            lingers();
        return;
    }
    if (ending_ && (events & EPOLLERR) != 0)
        ending_->set();
    try {
        if (reader_ && readable())
            std::exchange(reader_, nullptr)->resume();
    } catch (...) {
        if (writer_ && writable())
            give_way(); // this event does not come again
        throw;
    }
    if (writer_ && writable())
        std::exchange(writer_, nullptr)->resume();
}

void stream_core::expires_at(async::time_point when) {
    connection::expires_at(when);
    time_waits();
}

void stream_core::patience(const net::patience& wanted) {
    set_patience(wanted);
    time_waits();
}

void stream_core::hurry(base::duration most) {
    shorten_patience(most);
    time_waits();
}

void stream_core::time_waits() {
    for (const side which : {side::reading, side::writing})
        if (waiter_of(which))
            begin_wait(which);
}

void stream_core::time_is_up(side which) noexcept {
    if (auto*& waiting = waiter_of(which))
        std::exchange(waiting, nullptr)->wake();
}

void stream_core::throw_timeout(side which) const {
    throw connection_timeout(which, time_verdict(which));
}

/// Wakes the coroutine that shakes hands, which waits as a reader does.
struct stream_core::shaking final : tls_handshake {
    shaking(stream_core& on, base::duration limit)
        : tls_handshake(on, {limit, std::nullopt}), core(on) {}

    void shaken(const std::error_code& why) override {
        over = why;
        if (core.reader_)
            std::exchange(core.reader_, nullptr)->wake();
    }

    stream_core& core;
    std::optional<std::error_code> over;
};

task<void> stream_core::shake_hands(base::duration limit) {
    if (reader_)
        throw std::logic_error("a read is waiting already");
    const read_operation self(*this);
    shaking hands(*this, limit);
    hands.go_on();
    while (!hands.over) {
        read_wait waiter(*this);
        co_await waiter.suspend("TLS handshake");
        waiter.check("TLS handshake");
        if (!hands.over)
            hands.go_on();
    }
    if (*hands.over)
        throw std::system_error(*hands.over, "TLS handshake");
}

void stream_core::leave() noexcept {
    end();
    let_go();
}

void stream_core::end() noexcept {
    if (!open() || lingering())
        return;
    if (in_message_) {
        reset();
    } else if (!finish()) {
        hold();
        lingers();
    }
    wake_all();
}

void stream_core::stop_lingering() noexcept {
    if (!lingering() || !open())
        return;
    close_now();
    finish_lingering();
}

void stream_core::finish_lingering() noexcept {
    lingered();
    let_go();
}

void stream_core::close() noexcept {
    if (lingering())
        return stop_lingering();
    if (in_message_)
        reset();
    else
        close_now();
    wake_all();
}

void stream_core::abort() noexcept {
    if (lingering())
        return stop_lingering();
    reset();
    wake_all();
}

void stream_core::wake_all() noexcept {
    if (reader_)
        std::exchange(reader_, nullptr)->wake();
    if (writer_)
        std::exchange(writer_, nullptr)->wake();
    if (ending_)
        ending_->set();
}

void stream_core::tell_end(async::event* event) {
    if (event && ending_)
        throw std::logic_error("the end of the stream is awaited already");
    ending_ = event;
}

void stream_core::end_input(end_reason reason) noexcept {
    const end_reason now = asked(asked_, reason);
    if (now == asked_ || !open())
        return;
    asked_ = now;
    try_again();
    if (reader_)
        std::exchange(reader_, nullptr)->wake();
    if (ending_)
        ending_->set();
}

stream_core::parts stream_core::take_apart(stream from) noexcept {
    stream_core& core = core_of(from);
    ends taken = core.give_away();
    parts out{socket(taken.fd), std::move(taken.over), std::move(taken.tls), {}};
    if (core.rest_) {
        core.rest_->text.erase(0, core.rest_->begin);
        out.early = std::move(core.rest_->text);
    }
    return out;
}

} // namespace aio::net
