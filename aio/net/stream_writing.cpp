#include <aio/net/error.hpp>
#include <aio/net/file_part.hpp>
#include <aio/net/gathered.hpp>
#include <aio/net/stream_wait.hpp>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

/// One piece of memory.
struct whole {
    std::span<const std::byte> left;

    bool empty() const noexcept { return left.empty(); }

    std::span<const std::byte> rest() const noexcept { return left; }

    void remove_prefix(std::size_t count) noexcept { left = left.subspan(count); }
};

} // namespace

/// What one write has not sent yet. When it ends before all is sent, by a cancellation or with its
/// frame, the connection learns that nobody will send the rest.
template <typename Data>
struct stream_core::message {
    message(stream_core& on, Data data) noexcept : core(on), left(std::move(data)) {}

    message(const message&) = delete;
    message& operator=(const message&) = delete;

    ~message() {
        if (!left.empty())
            core.abandon(left.rest());
    }

    stream_core& core;
    Data left;
};

template <typename Data>
task<void> stream_core::write_all(Data data, const char* operation) {
    if (writer_)
        throw std::logic_error("a write is waiting already");
    const write_operation self(*this);
    if (!data.empty())
        check_usable(EBADF, operation);
    message<Data> all(*this, std::move(data));
    while (!all.left.empty()) {
        if (writable() && spend()) {
            const outcome sent = send(all.left.rest());
            if (sent.error)
                throw std::system_error(sent.error, operation);
            if (sent.done()) {
                active();
                note_progress(side::writing);
                all.left.remove_prefix(sent.size);
                in_message_ = !all.left.empty();
            }
            continue;
        }
        if (writable())
            give_way();
        in_message_ |= in_record();
        write_wait waiter(*this);
        co_await waiter.suspend(operation);
        waiter.check(operation);
    }
    in_message_ = false;
}

task<void> stream_core::write(std::span<const std::byte> data) {
    return write_all(whole{data}, "write");
}

task<void> stream_core::write(std::span<const bytes> pieces) {
    return write_all(gathered(pieces), "write");
}

task<void> stream_core::send_file(int file, std::uint64_t offset, std::uint64_t size) {
    return write_all(file_part{file, offset, size}, "send_file");
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

} // namespace aio::net
