#pragma once

// A proxy between a client and a server that makes the network bad: it slows, stalls, slices, cuts
// and rewrites, each direction in its own way. It runs on a thread of its own, so blocking tests
// can use it, too. Its sockets are real; a network inside the test is aio/testing/network.hpp.
//
//     aio::testing::tcp_proxy proxy(server_port);
//     proxy.limit(aio::testing::toward::client, 64'000);           // 64 kB/s
//     proxy.cut_after(aio::testing::toward::server, 100);          // a reset after 100 bytes
//     … connect to 127.0.0.1 and proxy.port() …

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/testing/toward.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace aio::testing {

/// All members may be called from any thread. What they set applies to the data that come
/// afterwards, and to those that wait here.
class AIO_API tcp_proxy {
  public:
    /// Returns the data to send in place of a chunk. Called on the proxy's thread.
    using rewriter = std::function<std::string(std::string_view chunk)>;

    /// Listens on a free port of the loopback. Throws std::system_error.
    explicit tcp_proxy(std::uint16_t server_port, std::string server_address = "127.0.0.1");
    tcp_proxy(const tcp_proxy&) = delete;
    tcp_proxy& operator=(const tcp_proxy&) = delete;
    /// Cuts all connections.
    ~tcp_proxy();

    std::uint16_t port() const noexcept;

    /// Holds each chunk back for this time, and with it those behind it. Zero: no longer.
    void slow_down(toward direction, base::duration per_chunk);
    /// Each byte arrives later by this time, and as many as before. Zero: no longer.
    void delay(toward direction, base::duration latency);
    /// Sends on so many bytes per second at most. Nothing: as many as come.
    void limit(toward direction, std::optional<std::uint64_t> bytes_per_second);
    /// Sends on pieces of `most` bytes at most, with a pause after each. 0: no longer.
    void slice(toward direction, std::size_t most, base::duration pause = {});
    /// Sends nothing on, not even the end, until resume().
    void stall(toward direction);
    void resume(toward direction);
    /// Rewrites each chunk that comes from now on. An empty function: no longer.
    void rewrite(toward direction, rewriter function);
    /// Closes new connections at once, before the server hears of them.
    void refuse();
    /// Connects new connections to the server again, as at the beginning.
    void accept();

    /// How a connection is cut: `end` as by a peer that closes it in good order, `reset` as by a
    /// peer that crashed.
    enum class cut_by { end, reset };

    /// Cuts all connections on both sides. They are closed when it returns.
    void cut(cut_by how = cut_by::end);
    /// Cuts each connection, also on both sides, once it has sent on `bytes` in this direction.
    /// Nothing: no longer.
    void
    cut_after(toward direction, std::optional<std::uint64_t> bytes, cut_by how = cut_by::reset);

    /// The number of connections that are open.
    std::size_t connections() const;
    /// The number of connections accepted so far, including the refused ones.
    std::size_t accepted() const;
    /// The number of bytes sent on.
    std::uint64_t bytes(toward direction) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace aio::testing
