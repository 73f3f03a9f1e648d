#include <aio/net/error.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/transport_core.hpp>

#include <sys/epoll.h>

#include <cerrno>
#include <limits>
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

void transport_core::begin(std::unique_ptr<protocol> handler) {
    protocol_ = std::move(handler);
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
            fail(noted);
    guarded([this] { pump(); });
    if (late_) [[unlikely]]
        guarded([this] { tell_time(); });
    busy_ = false;
    settle();
}

bool transport_core::may_read() const noexcept {
    return open() && hands_over(phase_) && !paused_ && !choked_ && !told_end_;
}

void transport_core::pump() {
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
        } else if (got.end) {
            input_ended();
        } else if (got.error) {
            fail(got.error);
        }
    }
    if (ends_by_server())
        end_by_server();
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

void transport_core::write(std::span<const std::byte> data) {
    if (!open() || !takes_data(phase_))
        return;
    while (!kept_ && !data.empty()) {
        const outcome sent = send(data);
        data = data.subspan(sent.size);
        if (sent.done())
            active();
        if (sent.later)
            break;
        if (sent.error)
            return fail(sent.error);
    }
    if (!data.empty())
        keep(data);
}

void transport_core::keep(std::span<const std::byte> data) {
    if (buffered() + data.size() > max_buffered_) {
        too_slow(buffered() + data.size());
        return fail(make_error_code(errc::too_slow));
    }
    if (!kept_) {
        kept_ = std::make_unique<kept>();
        begin_wait(side::writing);
    }
    auto& bytes = kept_->bytes;
    if (kept_->begin > bytes.size() / 2) {
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kept_->begin));
        kept_->begin = 0;
    }
    bytes.insert(bytes.end(), data.begin(), data.end());
    if (buffered() > high_water_)
        choked_ = true;
}

void transport_core::flush() noexcept {
    while (kept_) {
        const auto left = std::span<const std::byte>(kept_->bytes).subspan(kept_->begin);
        const outcome sent = left.empty() ? outcome{} : send(left);
        if (sent.done()) {
            active();
            note_progress(side::writing);
        }
        kept_->begin += sent.size;
        if (sent.error)
            return fail(sent.error);
        if (kept_->begin == kept_->bytes.size()) {
            kept_.reset();
            finish_wait(side::writing);
        }
        if (sent.later) {
            begin_wait(side::writing);
            break;
        }
    }
    if (!kept_ && phase_ == transport_phase::shut)
        half_close();
}

void transport_core::expires_at(async::time_point when) {
    connection::expires_at(when);
    begin_wait(side::reading);
}

void transport_core::patience(const net::patience& wanted) {
    set_patience(wanted);
    begin_wait(side::reading);
}

void transport_core::time_is_up(side) noexcept {
    late_ = true;
    later();
}

void transport_core::tell_time() {
    late_ = false;
    const auto reading = time_verdict(side::reading);
    if (reading == deadlines::end::deadline)
        expire();
    else if (kept_ && time_verdict(side::writing) == deadlines::end::patience)
        fail(make_error_code(errc::too_slow));
    else if (reading == deadlines::end::patience && may_read())
        expire();
    else
        begin_wait(side::reading);
}

void transport_core::expire() {
    if (!hands_over(phase_))
        return fail(make_error_code(errc::expired));
    connection::expires_at(async::never);
    protocol_->expired();
    begin_wait(side::reading);
    if (deadline() != async::never)
        return;
    connection::expires_at(async::later(on().home().now(), last_answer_limit));
    if (phase_ < transport_phase::closing)
        why_ = make_error_code(errc::expired);
    close();
}

bool transport_core::has_drained() const noexcept {
    return choked_ && buffered() <= high_water_ / 4;
}

void transport_core::tell_drained() noexcept {
    choked_ = false;
    if (takes_data(phase_))
        guarded([this] { protocol_->drained(); });
}

std::size_t transport_core::buffered() const noexcept {
    return kept_ ? kept_->bytes.size() - kept_->begin : 0;
}

namespace {

std::uint32_t clamped(std::size_t bytes) noexcept {
    constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(bytes < most ? bytes : most);
}

} // namespace

void transport_core::max_buffered(std::size_t bytes) noexcept {
    max_buffered_ = clamped(bytes);
}

void transport_core::high_water(std::size_t bytes) noexcept {
    high_water_ = clamped(bytes);
    choked_ |= buffered() > high_water_;
    if (has_drained())
        later();
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
    if (!busy_ && readable())
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

void transport::write(std::span<const std::byte> data) {
    static_cast<transport_core*>(this)->write(data);
}

void transport::write(std::string_view text) {
    static_cast<transport_core*>(this)->write(std::as_bytes(std::span(text.data(), text.size())));
}

void transport::close() noexcept {
    static_cast<transport_core*>(this)->close();
}

void transport::abort() noexcept {
    static_cast<transport_core*>(this)->abort();
}

void transport::shutdown() noexcept {
    static_cast<transport_core*>(this)->shutdown();
}

void transport::pause_reading() noexcept {
    static_cast<transport_core*>(this)->pause_reading();
}

void transport::resume_reading() noexcept {
    static_cast<transport_core*>(this)->resume_reading();
}

std::size_t transport::buffered() const noexcept {
    return static_cast<const transport_core*>(this)->buffered();
}

void transport::high_water(std::size_t bytes) noexcept {
    static_cast<transport_core*>(this)->high_water(bytes);
}

void transport::max_buffered(std::size_t bytes) noexcept {
    static_cast<transport_core*>(this)->max_buffered(bytes);
}

void transport::expires_in(base::duration time) {
    auto* const core = static_cast<transport_core*>(this);
    core->expires_at(async::later(core->on().home().now(), time));
}

void transport::expires_at(async::time_point when) {
    static_cast<transport_core*>(this)->expires_at(when);
}

void transport::expires_never() {
    static_cast<transport_core*>(this)->expires_at(async::never);
}

void transport::patience(
    std::optional<base::duration> reading, std::optional<base::duration> writing
) {
    static_cast<transport_core*>(this)->patience({reading, writing});
}

net::end_reason transport::end_reason() const noexcept {
    return static_cast<const transport_core*>(this)->ended_by();
}

address transport::socket_peer() const {
    return static_cast<const transport_core*>(this)->connection::socket_peer();
}

address transport::peer() const {
    return static_cast<const transport_core*>(this)->connection::peer();
}

address transport::local() const {
    return static_cast<const transport_core*>(this)->connection::local();
}

std::string_view transport::tls_version() const noexcept {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->version() : std::string_view();
}

std::string transport::tls_peer() const {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->peer() : std::string();
}

certificate transport::peer_certificate() const {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->peer_certificate() : certificate();
}

std::string_view transport::alpn() const noexcept {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls ? tls->alpn() : std::string_view();
}

bool transport::resumed() const noexcept {
    const auto* tls = static_cast<const transport_core*>(this)->tls();
    return tls && tls->resumed();
}

const boost::asio::any_io_executor& transport::executor() const noexcept {
    return static_cast<const transport_core*>(this)->on().executor();
}

} // namespace aio::net
