#pragma once

// What stands behind a stream: the connection, who waits for it, and what was received beyond what
// was asked for. Counted by its handles and by whoever runs it; a server derives its sessions.

#include <aio/async/suspend.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/net/chunk.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace aio::net {

class AIO_API stream_core : public connection {
  public:
    using connection::connection;

    void hold() noexcept { ++references_; }

    void let_go() noexcept;

    task<chunk> read();
    task<std::size_t> read_some(std::span<std::byte> into);
    /// Throws errc::unexpected_end, stopping or idle when the stream ends before.
    task<void> read_exactly(std::span<std::byte> into);
    task<std::string> read_until(std::string delimiter, std::size_t limit);
    task<std::string> read_to_end(std::size_t limit);
    task<void> write(std::span<const std::byte> data);
    task<void> shutdown();

    /// The handle is gone: end() and let_go().
    void leave() noexcept;
    /// Closes in good order: what was written is sent, then the end. Again is harmless.
    void end() noexcept;
    /// Closes; what waits throws ECANCELED.
    void close() noexcept;
    void abort() noexcept;

    /// Reads end as soon as nothing received is left: for `reason`, which is stopping or idle,
    /// unless the peer's own end is found among what was received. The first call counts.
    void end_input(end_reason reason) noexcept;

    bool reading() const noexcept { return reader_ != nullptr; }

    bool writing() const noexcept { return writer_ != nullptr; }

  protected:
    virtual ~stream_core() = default;
    void ready(std::uint32_t events) override;

    /// Something moved on the connection.
    virtual void active() noexcept {}

    /// The connection now waits for the peer's end before it closes, and stays alive for that;
    /// whoever has a clock calls stop_lingering() when it takes too long.
    virtual void lingers() noexcept { stop_lingering(); }

    void stop_lingering() noexcept;

  private:
    struct wait;
    struct reference;
    struct message;

    struct carry {
        std::string text;
        std::size_t begin = 0;

        std::string_view left() const noexcept { return std::string_view(text).substr(begin); }
    };

    void give_way();
    void wake_all() noexcept;
    task<chunk> read_rest();
    task<chunk> read_more();
    [[noreturn]] void throw_end(const char* operation) const;
    void keep(const chunk& more);
    std::size_t take_rest(std::span<std::byte> into) noexcept;
    std::string take_text(std::size_t size);

    wait* reader_ = nullptr;
    wait* writer_ = nullptr;
    std::unique_ptr<carry> rest_; ///< received beyond a delimiter, or searched for one
    std::uint32_t references_ = 1;
    end_reason asked_ = end_reason::none; ///< end_input() was called
};

/// A stream over a connected socket, on a loop. Throws std::system_error.
AIO_API stream adopt(async::loop& at, socket connected);

} // namespace aio::net
