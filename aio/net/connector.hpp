#pragma once

// Who makes the connecting sockets of clients. Tests and simulations put another one in the place
// of the system's.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/net/address.hpp>
#include <aio/net/gate.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/stream.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace aio::net {

/// What the sockets of a client have. TCP only, but for the buffers of the system.
struct client_socket_options {
    /// The address of ours to connect from; port 0: any.
    std::optional<address> source;
    /// The interface of ours to connect by, whatever the routes say; empty: any. UDP, too.
    std::string interface;
    /// How the system notices that the peer of a silent connection has gone.
    std::optional<net::keepalive> keepalive =
        net::keepalive{std::chrono::seconds(15), std::chrono::seconds(15), 3};
    /// How long sent data may stay unconfirmed. Nothing: as the system has it, about 15 minutes.
    std::optional<base::duration> user_timeout = std::chrono::seconds(30);
    bool no_delay = true;
    /// Bytes that the system takes beyond those on their way. Nothing: what its buffers hold.
    std::optional<base::size> unsent;
};

class AIO_API connector {
  public:
    /// Who is told what becomes of attempts, each once, never inside begin().
    class outcome {
      public:
        virtual void connected(std::size_t attempt) = 0;
        virtual void failed(std::size_t attempt, int error) = 0;

      protected:
        ~outcome() = default;
    };

    /// One connection that is being made. Its end closes the socket and tells nobody.
    class AIO_API attempt {
      public:
        attempt() = default;
        attempt(const attempt&) = delete;
        attempt& operator=(const attempt&) = delete;
        virtual ~attempt();

        /// The connection, once it was told to be connected. Called once.
        /// Throws: std::system_error when it cannot be watched.
        virtual stream take() = 0;
    };

    connector() = default;
    connector(const connector&) = delete;
    connector& operator=(const connector&) = delete;
    virtual ~connector();

    /// Starts to connect to `target`. `told` hears of it under `number`, on the loop `home`, as
    /// long as the attempt exists. Loop: `home`. Throws: nothing but std::bad_alloc: other failures
    /// are told.
    virtual std::unique_ptr<attempt> begin(
        async::loop& home,
        const address& target,
        const client_socket_options& options,
        outcome& told,
        std::size_t number
    ) = 0;
};

/// Connects sockets of the system. An attempt fails with EMFILE when the gate does not admit it.
class AIO_API system_connector final : public connector {
  public:
    /// When the gate has gone, or without one, all attempts are admitted.
    void limit_by(std::weak_ptr<gate> descriptors) noexcept {
        descriptors_ = std::move(descriptors);
    }

    const std::weak_ptr<gate>& limited_by() const noexcept { return descriptors_; }

    std::unique_ptr<attempt> begin(
        async::loop& home,
        const address& target,
        const client_socket_options& options,
        outcome& told,
        std::size_t number
    ) override;

  private:
    std::weak_ptr<gate> descriptors_;
};

} // namespace aio::net
