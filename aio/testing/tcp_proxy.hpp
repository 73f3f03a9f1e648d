#pragma once

// Stands between a client and a server and makes the network bad: slows, cuts, rewrites. Runs on a
// thread of its own, so that any test can use it, a blocking one as well.

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

/// All members may be called from any thread; they hold for what comes after the call.
class AIO_API tcp_proxy {
  public:
    /// What goes on in place of what came. Called on the proxy's thread.
    using rewriter = std::function<std::string(std::string_view chunk)>;

    /// Listens on a free port of the loopback. Throws std::system_error.
    explicit tcp_proxy(std::uint16_t server_port, std::string server_address = "127.0.0.1");
    tcp_proxy(const tcp_proxy&) = delete;
    tcp_proxy& operator=(const tcp_proxy&) = delete;
    /// Cuts everything.
    ~tcp_proxy();

    std::uint16_t port() const noexcept;

    /// Each chunk is kept for so long before it goes on. Zero: not at all.
    void slow_down(toward where, base::duration per_chunk);
    /// An empty function: nothing is rewritten.
    void rewrite(toward where, rewriter with);
    /// New connections are closed at once, before the server hears of them.
    void refuse(bool all);

    /// How a connection is cut: `end` is what a peer that goes in good order sends, `reset` is
    /// what one that crashed does.
    enum class cut_by { end, reset };

    /// Disconnects all, on both sides; completed when it returns.
    void cut(cut_by how = cut_by::end);

    /// Connections that are open now.
    std::size_t connections() const;
    /// Connections accepted so far, refused ones included.
    std::size_t accepted() const;
    /// Bytes handed on.
    std::uint64_t bytes(toward where) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace aio::testing
