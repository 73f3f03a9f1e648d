#include <aio/net/error.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/tls_handshake.hpp>
#include <aio/net/tls_session.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aio::net {

/// Lives in the frame of the coroutine that waits.
struct stream_core::wait final : async::waiter {
    explicit wait(wait*& waiter) noexcept : place(&waiter) {}

    virtual ~wait() = default;

    void begin() override { *place = this; }

    bool withdraw() noexcept override {
        *place = nullptr;
        return true;
    }

    wait** place;
};

struct stream_core::reference {
    explicit reference(stream_core& stream_core) noexcept : core(&stream_core) { core->hold(); }

    reference(const reference&) = delete;
    reference& operator=(const reference&) = delete;

    ~reference() { core->let_go(); }

    stream_core* core;
};

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

/// What a read that is to fill a piece of memory has received so far. Unless it is filled, the data
/// goes back to the front of what the next read gets.
struct stream_core::filling {
    filling(stream_core& on, std::span<std::byte> whole) noexcept : core(on), into(whole) {}

    filling(const filling&) = delete;
    filling& operator=(const filling&) = delete;

    ~filling() {
        if (count != 0 && count != into.size())
            core.give_back(into.first(count));
    }

    stream_core& core;
    std::span<std::byte> into;
    std::size_t count = 0;
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

task<chunk> stream_core::read() {
    if (reader_)
        throw std::logic_error("a read is waiting already");
    return rest_ ? read_rest() : read_more();
}

task<chunk> stream_core::read_rest() {
    const reference self(*this);
    chunk into = on().buffers().take();
    if (rest_)
        buffer_pool::filled(into, take_rest(buffer_pool::room(into)));
    co_return std::move(into);
}

task<chunk> stream_core::read_more() {
    if (reader_)
        throw std::logic_error("a read is waiting already");
    const reference self(*this);
    check_usable(EBADF, "read");
    for (;;) {
        if (readable() && spend()) {
            chunk into = on().buffers().take();
            const outcome got = receive(buffer_pool::room(into));
            if (got.done()) {
                active();
                buffer_pool::filled(into, got.size);
                co_return std::move(into);
            }
            if (got.end)
                co_return chunk();
            if (got.error)
                throw std::system_error(got.error, "read");
            continue;
        }
        if (readable()) {
            give_way();
        } else if (asked_ != end_reason::none) {
            end_reading(asked_);
            co_return chunk();
        }
        wait waiter(reader_);
        co_await waiter.suspend("read");
        waiter.throw_if_cancelled();
        check_usable(ECANCELED, "read");
    }
}

task<std::size_t> stream_core::read_some(std::span<std::byte> into) {
    if (reader_)
        throw std::logic_error("a read is waiting already");
    const reference self(*this);
    if (rest_)
        co_return take_rest(into);
    if (!into.empty())
        check_usable(EBADF, "read");
    while (!into.empty()) {
        if (readable() && spend()) {
            const outcome got = receive(into);
            if (got.done())
                active();
            if (got.done() || got.end)
                co_return got.size;
            if (got.error)
                throw std::system_error(got.error, "read");
            continue;
        }
        if (readable()) {
            give_way();
        } else if (asked_ != end_reason::none) {
            end_reading(asked_);
            break;
        }
        wait waiter(reader_);
        co_await waiter.suspend("read");
        waiter.throw_if_cancelled();
        check_usable(ECANCELED, "read");
    }
    co_return 0;
}

task<void> stream_core::read_exactly(std::span<std::byte> into) {
    const reference self(*this);
    filling whole(*this, into);
    while (whole.count != into.size()) {
        const std::size_t more = co_await read_some(into.subspan(whole.count));
        if (more == 0)
            throw_end("read_exactly");
        whole.count += more;
    }
}

void stream_core::throw_end(const char* operation) const {
    const end_reason reason = ended_by();
    throw std::system_error(
        make_error_code(
            reason == end_reason::stopping ? errc::stopping
            : reason == end_reason::idle   ? errc::idle
                                           : errc::unexpected_end
        ),
        operation
    );
}

task<std::string> stream_core::read_to_end(std::size_t limit) {
    const reference self(*this);
    for (;;) {
        const std::size_t size = rest_ ? rest_->left().size() : 0;
        if (size > limit)
            throw std::system_error(make_error_code(errc::too_long), "read_to_end");
        const chunk more = co_await read_more();
        if (more) {
            keep(more);
            continue;
        }
        if (ended_by() != end_reason::peer)
            throw_end("read_to_end");
        co_return take_text(size);
    }
}

// What is searched stays in the core: a cancelled search loses nothing. Without the peer's end the
// last piece is not complete, and stays for read().
task<std::string> stream_core::read_until(std::string delimiter, std::size_t limit) {
    if (delimiter.empty())
        throw std::invalid_argument("read_until: an empty delimiter");
    const reference self(*this);
    std::size_t searched = 0;
    for (;;) {
        const std::string_view have = rest_ ? rest_->left() : std::string_view();
        const auto found = have.find(delimiter, searched);
        const std::size_t end = found == have.npos ? have.size() : found + delimiter.size();
        if (end > limit || (found == have.npos && end == limit))
            throw std::system_error(make_error_code(errc::too_long), "read_until");
        if (found != have.npos)
            co_return take_text(end);
        searched = end < delimiter.size() ? 0 : end - delimiter.size() + 1;
        const chunk more = co_await read_more();
        if (!more)
            co_return ended_by() == end_reason::peer ? take_text(end) : std::string();
        keep(more);
    }
}

void stream_core::keep(const chunk& more) {
    if (!rest_)
        rest_ = std::make_unique<carry>();
    rest_->text.erase(0, std::exchange(rest_->begin, 0));
    rest_->text.append(more.text());
}

void stream_core::give_back(std::span<const std::byte> data) noexcept {
    try {
        if (!rest_)
            rest_ = std::make_unique<carry>();
        rest_->text.replace(
            0,
            std::exchange(rest_->begin, 0),
            reinterpret_cast<const char*>(data.data()),
            data.size()
        );
    } catch (const std::bad_alloc&) {
        rest_.reset();
        abort(); // what follows would be taken for the beginning of something else
    }
}

std::string stream_core::take_text(std::size_t size) {
    if (!rest_)
        return {};
    std::string text(rest_->left().substr(0, size));
    rest_->begin += text.size();
    if (rest_->left().empty())
        rest_.reset();
    return text;
}

std::size_t stream_core::take_rest(std::span<std::byte> into) noexcept {
    const std::string_view have = rest_->left();
    const std::size_t count = std::min(have.size(), into.size());
    std::memcpy(into.data(), have.data(), count);
    rest_->begin += count;
    if (count == have.size())
        rest_.reset();
    return count;
}

task<void> stream_core::write(std::span<const std::byte> data) {
    if (writer_)
        throw std::logic_error("a write is waiting already");
    const reference self(*this);
    if (!data.empty())
        check_usable(EBADF, "write");
    message whole(*this, data);
    while (!whole.rest.empty()) {
        if (writable() && spend()) {
            const outcome sent = send(whole.rest);
            if (sent.error)
                throw std::system_error(sent.error, "write");
            if (sent.done())
                active();
            whole.rest = whole.rest.subspan(sent.size);
            continue;
        }
        if (writable())
            give_way();
        in_message_ |= whole.rest.size() < data.size() || in_record();
        wait waiter(writer_);
        co_await waiter.suspend("write");
        waiter.throw_if_cancelled();
        check_usable(ECANCELED, "write");
    }
    in_message_ = false;
}

task<void> stream_core::shutdown() {
    if (writer_)
        throw std::logic_error("a write is waiting already");
    const reference self(*this);
    in_message_ = false;
    while (usable() && !half_close()) {
        wait waiter(writer_);
        co_await waiter.suspend("shutdown");
        waiter.throw_if_cancelled();
        check_usable(ECANCELED, "shutdown");
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
    const reference self(*this);
    shaking hands(*this, limit);
    hands.go_on();
    while (!hands.over) {
        wait waiter(reader_);
        co_await waiter.suspend("TLS handshake");
        waiter.throw_if_cancelled();
        check_usable(ECANCELED, "TLS handshake");
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

stream_core::parts stream_core::take_apart(stream from) noexcept {
    stream_core& core = core_of(from);
    ends taken = core.give_away();
    parts out{socket(taken.fd), std::move(taken.tls), {}};
    if (core.rest_) {
        core.rest_->text.erase(0, core.rest_->begin);
        out.early = std::move(core.rest_->text);
    }
    return out;
}

stream adopt(async::loop& home, socket connected) {
    const address peer = peer_address(connected.get());
    auto* core = new stream_core(poller::of(home), connected.release(), peer);
    stream handle(core);
    core->start();
    return handle;
}

} // namespace aio::net
