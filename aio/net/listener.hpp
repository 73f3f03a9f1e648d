#pragma once

// From where a server accepts its connections: a socket of the system, or what a network of a test
// has in its place (net/connectivity.hpp).

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/wire.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace aio::net {

/// A connection that was accepted: a socket, or a wire in its place. Neither: `error` says why.
struct accepted {
    socket at;
    std::unique_ptr<wire> over;
    address peer;
    int error = 0; ///< an errno

    accepted() = default;

    explicit operator bool() const noexcept { return at || over; }
};

/// The loops that watch one listener.
enum class watchers : std::uint8_t { own_loop, all_loops };

/// It is bound. The last owner closes it.
/// Loop: all members are called on the loop of `on`, which may be one of several.
class AIO_API listener {
  public:
    listener() = default;
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    virtual ~listener();

    /// Starts listening; up to `backlog` connections wait to be accepted. May be called again.
    /// `name` is that of the endpoint.
    /// Throws: std::system_error that begins with `name`.
    virtual void listen(const std::string& name, int backlog) = 0;
    /// `user` is told EPOLLIN as long as a connection waits; of `all_loops`, about one is told of
    /// each.
    /// Throws: std::system_error.
    virtual void watch(poller& on, net::watch& user, watchers who) = 0;
    /// Ends that.
    virtual void forget(poller& on, net::watch& user) noexcept = 0;
    /// The connection that waits for the longest time. EAGAIN when none does.
    virtual accepted accept(poller& on) noexcept = 0;

    /// An open descriptor; -1: it has none, and its connections need none.
    virtual int fd() const noexcept { return -1; }

  protected:
    static void tell(net::watch& user, std::uint32_t events) { user.ready(events); }
};

/// A socket of the system, which several loops may share.
class AIO_API socket_listener final : public listener {
  public:
    explicit socket_listener(socket bound) noexcept : bound_(std::move(bound)) {}

    void listen(const std::string& name, int backlog) override;
    void watch(poller& on, net::watch& user, watchers who) override;
    void forget(poller& on, net::watch& user) noexcept override;
    accepted accept(poller& on) noexcept override;

    int fd() const noexcept override { return bound_.get(); }

  private:
    socket bound_;
};

} // namespace aio::net
