#pragma once

// What a connection in a network of a test uses in place of a socket. Private to testing/.

#include <aio/async/loop.hpp>
#include <aio/async/timer_queue.hpp>
#include <aio/net/address.hpp>
#include <aio/net/outcome.hpp>
#include <aio/net/wire.hpp>
#include <aio/testing/link.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace aio::testing {

/// One end of a link. Its timer tells the connection of what has come about.
class link_wire final : public net::wire, private async::timer {
  public:
    link_wire(std::shared_ptr<link> of, link_end at, async::loop& home);
    ~link_wire() override;

    net::outcome receive(std::span<std::byte> into) noexcept override;
    net::outcome peek(std::span<std::byte> into) noexcept override;
    net::outcome send(std::span<const std::byte> data) noexcept override;
    void half_close() noexcept override;
    void close(closing how) noexcept override;
    std::size_t unconfirmed() const noexcept override;
    net::address peer() const override;
    net::address local() const override;

    async::loop& home() const noexcept { return home_; }

    /// Sets the timer. Loop: home.
    void arm();

  private:
    void watch() override;
    void fire() override;

    const std::shared_ptr<link> link_;
    const link_end at_;
    async::loop& home_;
    bool open_ = true;
    bool watched_ = false;
};

} // namespace aio::testing
