#pragma once

// A proxy between a client and a server that makes the network bad: it slows, cuts and rewrites. It
// runs on a thread of its own, so blocking tests can use it, too.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace aio::testing {

enum class toward { server, client };

/// All members may be called from any thread. What they set applies to the data that come
/// afterwards.
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

    /// Holds each chunk back for this time. Zero: no longer.
    void slow_down(toward direction, base::duration per_chunk);
    /// Rewrites each chunk. An empty function: no longer.
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
