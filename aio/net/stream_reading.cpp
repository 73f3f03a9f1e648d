#include <aio/net/error.hpp>
#include <aio/net/stream_wait.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace aio::net {

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

task<chunk> stream_core::read() {
    return read_by(look::rest_first);
}

task<chunk> stream_core::read_by(look order) {
    if (reader_)
        throw std::logic_error("a read is waiting already");
    const read_operation self(*this);
    if (rest_ && order == look::rest_first) [[unlikely]] {
        buffer_pool& buffers = on().buffers();
        co_return buffers.keep(take_rest(buffers.room()));
    }
    check_usable(EBADF, "read");
    for (;;) {
        if (readable() && spend()) {
            buffer_pool& buffers = on().buffers();
            const outcome got = receive(buffers.room());
            if (got.done()) {
                active();
                co_return buffers.keep(got.size);
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
        read_wait waiter(*this);
        co_await waiter.suspend("read");
        waiter.check("read");
    }
}

task<std::size_t> stream_core::read_some(std::span<std::byte> into) {
    if (reader_)
        throw std::logic_error("a read is waiting already");
    const read_operation self(*this);
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
        read_wait waiter(*this);
        co_await waiter.suspend("read");
        waiter.check("read");
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

task<bytes> stream_core::peek(std::size_t least) {
    const reference self(*this);
    for (;;) {
        const std::string_view have = rest_ ? rest_->left() : std::string_view();
        if (have.size() >= least)
            co_return have;
        const chunk more = co_await read_by(look::socket_only);
        if (!more)
            co_return rest_ ? rest_->left() : std::string_view();
        keep(more);
    }
}

void stream_core::consume(std::size_t count) noexcept {
    if (!rest_)
        return;
    rest_->begin += std::min(count, rest_->left().size());
    if (rest_->left().empty())
        rest_.reset();
}

task<std::string> stream_core::read_to_end(std::size_t limit) {
    const reference self(*this);
    for (;;) {
        const std::size_t size = rest_ ? rest_->left().size() : 0;
        if (size > limit)
            throw std::system_error(make_error_code(errc::too_long), "read_to_end");
        const chunk more = co_await read_by(look::socket_only);
        if (more) {
            keep(more);
            continue;
        }
        if (ended_by() != end_reason::peer)
            throw_end("read_to_end");
        co_return take_text(size);
    }
}

namespace {

std::system_error too_long(std::string_view delimiter, std::size_t limit) {
    return {
        make_error_code(errc::too_long),
        delimiter == "\n" ? fmt::format("a line longer than {} bytes", limit)
                          : fmt::format("a text longer than {} bytes", limit)
    };
}

} // namespace

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
            throw too_long(delimiter, limit);
        if (found != have.npos)
            co_return take_text(end);
        searched = end < delimiter.size() ? 0 : end - delimiter.size() + 1;
        const chunk more = co_await read_by(look::socket_only);
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

} // namespace aio::net
