#include <aio/net/error.hpp>
#include <aio/net/stream_wait.hpp>
#include <aio/net/tls_handshake.hpp>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aio::net {

/// What one write has not sent yet. When it ends before all is sent, by a cancellation or with its
/// frame, the connection learns that nobody will send the rest.
struct stream_core::message {
    message(stream_core& on, std::span<const std::byte> data) noexcept : core(on), rest(data) {}

    message(const message&) = delete;
    message& operator=(const message&) = delete;

    ~message() {
        if (!rest.empty())
            core.abandon(rest);
    }

    stream_core& core;
    std::span<const std::byte> rest;
};

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

task<void> stream_core::write(std::span<const std::byte> data) {
    if (writer_)
        throw std::logic_error("a write is waiting already");
    const write_operation self(*this);
    if (!data.empty())
        check_usable(EBADF, "write");
    message whole(*this, data);
    while (!whole.rest.empty()) {
        if (writable() && spend()) {
            const outcome sent = send(whole.rest);
            if (sent.error)
                throw std::system_error(sent.error, "write");
            if (sent.done()) {
                active();
                note_progress(side::writing);
            }
            whole.rest = whole.rest.subspan(sent.size);
            continue;
        }
        if (writable())
            give_way();
        in_message_ |= whole.rest.size() < data.size() || in_record();
        write_wait waiter(*this);
        co_await waiter.suspend("write");
        waiter.check("write");
    }
    in_message_ = false;
}

task<void> stream_core::shutdown() {
    if (writer_)
        throw std::logic_error("a write is waiting already");
    const write_operation self(*this);
    in_message_ = false;
    while (usable() && !half_close()) {
        write_wait waiter(*this);
        co_await waiter.suspend("shutdown");
        waiter.check("shutdown");
    }
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
}

void stream_core::end_input(end_reason reason) noexcept {
    const end_reason now = asked(asked_, reason);
    if (now == asked_ || !open())
        return;
    asked_ = now;
    try_again();
    if (reader_)
        std::exchange(reader_, nullptr)->wake();
}

} // namespace aio::net
