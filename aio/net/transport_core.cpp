#include <aio/net/error.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/transport_core.hpp>

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace aio::net {

protocol::~protocol() = default;

transport_core::~transport_core() = default;

template <typename F>
bool transport_core::guarded(F call) noexcept {
    try {
        call();
        return true;
    } catch (...) {
        crashed(std::current_exception());
        why_ = {ECANCELED, std::system_category()};
        close();
        return false;
    }
}

void transport_core::begin(std::unique_ptr<protocol> handler, std::string early) {
    protocol_ = std::move(handler);
    if (!early.empty()) [[unlikely]] {
        early_ = std::make_unique<std::string>(std::move(early));
        later();
    }
    busy_ = true;
    guarded([this] { protocol_->connection_made(*this); });
    busy_ = false;
    settle();
}

void transport_core::ready(std::uint32_t events) {
    if (phase_ == transport_phase::departing)
        return over();
    note(events);
    if (lingering()) {
        const bool owed = owes_end();
        if (linger())
            depart();
        else if (owed && !owes_end())
            lingers();
        return;
    }
    busy_ = true;
    if ((kept_ || phase_ == transport_phase::shut) && writable())
        flush();
    if (has_drained())
        tell_drained();
    if ((events & EPOLLERR) && !may_read())
        if (const auto noted = pending_error())
            break_off(noted);
    guarded([this] { pump(); });
    if (late_) [[unlikely]]
        guarded([this] { tell_time(); });
    busy_ = false;
    settle();
}

bool transport_core::may_read() const noexcept {
    return open() && hands_over(phase_) && !paused_ && !choked_ && !told_end_;
}

void transport_core::hand_over_early() {
    if (!may_read())
        return;
    const auto data = std::exchange(early_, nullptr);
    active();
    protocol_->data_received(std::as_bytes(std::span(*data)));
}

void transport_core::pump() {
    if (early_) [[unlikely]]
        hand_over_early();
    while (readable() && may_read()) {
        if (!spend()) {
            later();
            return;
        }
        const std::span<std::byte> room = on().buffers().shared();
        const outcome got = receive(room);
        if (got.done()) {
            active();
            note_progress(side::reading);
            protocol_->data_received(room.first(got.size));
        } else if (phase_ == transport_phase::broken) {
            if (!got.later || secured() || !peek_raw(room).done())
                break;
            try_again(); // only a wire says so
        } else if (got.end) {
            input_ended();
        } else if (got.error) {
            fail(got.error);
        }
    }
    if (ends_by_server())
        end_by_server();
    if (phase_ == transport_phase::broken)
        fail(why_);
}

void transport_core::input_ended() {
    told_end_ = true;
    if (!protocol_->eof_received())
        close();
}

// A stop does not end a protocol that has paused reading: it is at work. The silence of the peer
// does.
bool transport_core::ends_by_server() const noexcept {
    return asked_ != net::end_reason::none && open() && hands_over(phase_) &&
           phase_ != transport_phase::broken &&
           (told_end_ || may_read() || asked_ == net::end_reason::idle);
}

void transport_core::end_by_server() {
    const bool idle = asked_ == net::end_reason::idle;
    if (!told_end_) {
        end_reading(asked_);
        why_ = make_error_code(idle ? errc::idle : errc::stopping);
    }
    told_end_ = true;
    if (idle)
        protocol_->expired();
    else
        protocol_->stopping();
    close();
}

void transport_core::tell_drained() noexcept {
    choked_ = false;
    if (takes_data(phase_))
        guarded([this] { protocol_->drained(); });
}

void transport_core::expires_at(async::time_point when) {
    connection::expires_at(when);
    begin_wait(side::reading);
}

void transport_core::patience(const net::patience& wanted) {
    set_patience(wanted);
    begin_wait(side::reading);
}

void transport_core::hurry(base::duration most) {
    shorten_patience(most);
    if (kept_)
        begin_wait(side::writing);
}

void transport_core::time_is_up(side) noexcept {
    late_ = true;
    later();
}

void transport_core::tell_time() {
    late_ = false;
    const auto reading = time_verdict(side::reading);
    const bool slow = kept_ && time_verdict(side::writing) == deadlines::end::patience;
    const bool silent = reading == deadlines::end::patience && may_read();
    if (reading == deadlines::end::deadline || (silent && !slow))
        expire();
    else if (slow)
        fail(make_error_code(errc::too_slow));
    else
        begin_wait(side::reading);
}

void transport_core::expire() {
    if (phase_ == transport_phase::broken)
        return later();
    if (!hands_over(phase_))
        return fail(make_error_code(errc::expired));
    connection::expires_at(async::never);
    protocol_->expired();
    begin_wait(side::reading);
    if (deadline() != async::never)
        return;
    connection::expires_at(async::later(on().home().now(), last_answer_limit));
    if (phase_ < transport_phase::broken)
        why_ = make_error_code(errc::expired);
    close();
}

void transport_core::later() noexcept {
    if (!deferred())
        on().defer(*this);
}

void transport_core::close() noexcept {
    phase_ = advance(phase_, transport_phase::closing);
    if (!busy_)
        later();
}

void transport_core::abort() noexcept {
    fail({ECONNABORTED, std::system_category()});
}

void transport_core::fail(std::error_code why) noexcept {
    if (phase_ >= transport_phase::failed)
        return;
    phase_ = transport_phase::failed;
    why_ = why;
    if (!busy_)
        later();
}

// The system hands out what was received before a reset.
void transport_core::break_off(std::error_code why) noexcept {
    if (!hands_over(phase_) || told_end_ || paused_)
        return fail(why);
    kept_.reset();
    finish_wait(side::writing);
    choked_ = false;
    phase_ = transport_phase::broken;
    why_ = why;
    try_again();
    later();
}

void transport_core::shutdown() noexcept {
    if (!takes_data(phase_))
        return;
    phase_ = transport_phase::shut;
    if (!kept_)
        half_close();
}

void transport_core::resume_reading() noexcept {
    paused_ = false;
    note_progress(side::reading);
    if (!busy_ && (readable() || early_))
        later();
}

void transport_core::end_input(net::end_reason reason) noexcept {
    const net::end_reason now = asked(asked_, reason);
    if (now == asked_)
        return;
    asked_ = now;
    try_again();
    if (!busy_)
        later();
}

void transport_core::settle() noexcept {
    if (!protocol_ || !is_due_to_end(phase_, kept_ != nullptr))
        return;
    if (phase_ == transport_phase::failed)
        reset();
    // Inside connection_lost nothing can be started.
    phase_ = transport_phase::ended;
    busy_ = true;
    finish_wait(side::reading);
    finish_wait(side::writing);
    const bool waits = open() && !finish();
    guarded([this] { protocol_->connection_lost(why_); });
    protocol_.reset();
    kept_.reset();
    if (waits)
        lingers();
    else
        depart();
}

void transport_core::stop_lingering() noexcept {
    if (!lingering() || !open())
        return;
    close_now();
    depart();
}

// The queue of the poller refers to this object until its turn has come.
void transport_core::depart() noexcept {
    if (deferred())
        phase_ = transport_phase::departing;
    else
        over();
}

} // namespace aio::net
