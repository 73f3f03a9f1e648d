#pragma once

// One connection through a tcp_proxy: a client, its server, and the bytes between them. Private to
// testing/.

#include <aio/testing/tcp_proxy.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace aio::testing {

/// How one direction behaves.
struct manners {
    base::duration per_chunk{0};
    base::duration latency{0};
    std::optional<std::uint64_t> bandwidth; ///< bytes per second
    std::size_t slice = 0;                  ///< bytes; 0: any
    base::duration between_slices{0};
    bool stalled = false;
    std::optional<std::uint64_t> cut_after; ///< bytes of each connection
    tcp_proxy::cut_by cut_how = tcp_proxy::cut_by::reset;
    tcp_proxy::rewriter rewrite;
};

class proxied : public std::enable_shared_from_this<proxied> {
  public:
    using tcp = boost::asio::ip::tcp;

    /// Whom it asks and tells. Called on the thread of the proxy.
    class keeper {
      public:
        virtual manners how(toward direction) = 0;
        virtual void sent(toward direction, std::size_t bytes) = 0;
        /// It is closed, and no part of it runs.
        virtual void ended(proxied& gone) = 0;

      protected:
        ~keeper() = default;
    };

    proxied(keeper& owner, tcp::socket client);

    /// Connects to the server, and begins.
    void begin(const tcp::endpoint& target);
    /// Closes both sides at once.
    void close(tcp_proxy::cut_by how);
    /// The manners have changed.
    void stir();

  private:
    struct portion {
        std::chrono::steady_clock::time_point came;
        std::string data;
    };

    /// One direction: what was taken from one side waits here for the other one.
    struct lane {
        lane(toward direction, tcp::socket& from_, tcp::socket& to_);

        const toward where;
        tcp::socket& from;
        tcp::socket& to;
        boost::asio::steady_timer room, more, pause;
        std::deque<portion> waiting;
        std::size_t size = 0; ///< bytes that wait
        std::uint64_t sent = 0;
        bool ended = false;
    };

    template <typename Work>
    void spawn(Work work);
    boost::asio::awaitable<void> run(tcp::endpoint target);
    boost::asio::awaitable<void> take(lane& way);
    boost::asio::awaitable<void> give(lane& way);
    boost::asio::awaitable<bool> send(lane& way, const std::string& data);
    /// Waits for as long as `pause` says, by the manners of each moment, counted from `begun`.
    template <typename Pause>
    boost::asio::awaitable<void>
    hold(lane& way, std::chrono::steady_clock::time_point begun, Pause pause);
    boost::asio::awaitable<void> hold_while_stalled(lane& way);

    keeper& owner_;
    tcp::socket client_, server_;
    lane to_server_, to_client_;
    int running_ = 0;
    bool cut_ = false; ///< no new wait may begin
};

} // namespace aio::testing
