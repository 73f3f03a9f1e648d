#pragma once

// A refused connection that is told why: a full server says the last word of its protocol, and a
// failed TLS handshake ends with an alert. A peer that still sends would turn the close into a
// reset, which may take the word from it: so its end is waited for, within bounds. Private to
// server/.

#include <aio/async/timer_queue.hpp>
#include <aio/base/units.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/listener.hpp>
#include <aio/net/poller.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aio::server {

class lane;

class farewell final : private net::connection, private async::timer {
  public:
    /// Of a last word, in bytes.
    static constexpr std::size_t longest = 4096;
    /// For the end of the peer, and for what it still sends.
    static constexpr base::duration time = std::chrono::seconds(1);
    static constexpr std::size_t most_ignored = 64 << 10;

    farewell(lane& owner, net::poller& poller, net::accepted connected);
    ~farewell();

    /// Sends the word, unless it is empty, and the end. Returns false when the connection takes it
    /// not at once and as a whole, or is closed.
    bool say(std::string_view word) noexcept;
    /// Waits for the end of the peer; then the lane removes it. Throws std::system_error.
    void wait();

  private:
    void ready(std::uint32_t events) override;
    void fire() override;

    void time_is_up(net::side) noexcept override {}

    lane& lane_;
    std::size_t ignored_ = 0;
};

} // namespace aio::server
