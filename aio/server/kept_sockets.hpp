#pragma once

// The bound sockets of a server over its restarts: clients that connect meanwhile wait in the
// backlog. A running server has copies.

#include <aio/base/api.hpp>
#include <aio/net/bind.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aio::server {

/// Loop's thread only. The destructor closes.
class AIO_API kept_sockets {
  public:
    /// Called when the server starts: sockets may be kept again.
    void open() noexcept { state_ = state::open; }

    /// Closes the sockets. None are kept until the next open(): a start may be under way that has
    /// not bound yet.
    void close() noexcept {
        state_ = state::closed;
        bound_.clear();
    }

    /// Closes the sockets when no client can connect any more, because the file of a unix socket is
    /// gone or is another's now. Sockets may be kept again. Returns the path of that file.
    std::optional<std::string> drop_lost();

    /// Whether there are no sockets.
    bool empty() const noexcept { return bound_.empty(); }

    /// The originals, with the files of unix sockets.
    const std::vector<net::endpoint>& bound() const noexcept { return bound_; }

    /// Whether another server may use it: it is open, and no server has a loan.
    bool is_free() const noexcept { return state_ == state::open && loan_.expired(); }

    void keep(std::vector<net::endpoint> bound) noexcept { bound_ = std::move(bound); }

    /// The copies. Throws std::system_error.
    std::vector<net::endpoint> copies() const;

    /// The server that has the copies holds this until it is destroyed.
    std::shared_ptr<const void> loan() {
        auto made = std::make_shared<const int>(0);
        loan_ = made;
        return made;
    }

  private:
    enum class state { open, closed };

    state state_ = state::open;
    std::vector<net::endpoint> bound_;
    std::weak_ptr<const void> loan_;
};

} // namespace aio::server
