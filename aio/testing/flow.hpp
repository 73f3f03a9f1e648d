#pragma once

// The bytes of one direction of a connection in a network of a test: what is on its way, and what
// has arrived. Its owner tells the time. Private to testing/.

#include <aio/async/clock.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/base/api.hpp>
#include <aio/testing/fate.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>

namespace aio::testing {

/// Numbers by the seed of a simulation; without one they are 0.
struct chance {
    async::virtual_clock* seed = nullptr;

    std::uint64_t below(std::uint64_t end) const noexcept {
        return seed && end != 0 ? seed->random() % end : 0;
    }

    bool once_in(std::uint64_t times) const noexcept { return seed && below(times) == 0; }
};

class AIO_API flow {
  public:
    explicit flow(const fate::way& how) : how_(how) {}

    /// Sends as much as there is room for. Returns how much that was.
    std::size_t send(std::span<const std::byte> data, async::time_point now, chance dice);
    /// The end follows what was sent.
    void finish(async::time_point now, chance dice);
    /// Lets arrive what is due.
    void advance(async::time_point now);
    /// Copies what has arrived, and takes it.
    std::size_t peek(std::span<std::byte> into) const noexcept;
    void take(std::size_t count) noexcept;

    /// When advance() has something to do next; async::never: not before something else happens.
    async::time_point next() const noexcept;

    std::size_t room() const noexcept { return how_.room - on_way_; }

    /// Bytes that were sent and have not arrived.
    std::size_t on_way() const noexcept { return on_way_; }

    /// Bytes that have arrived and were not taken.
    std::size_t arrived() const noexcept { return inbox_.size(); }

    /// Bytes that have arrived so far.
    std::uint64_t total() const noexcept { return total_; }

    /// All has arrived, and the end.
    bool ended() const noexcept { return ended_; }

    base::duration latency() const noexcept { return how_.latency; }

    /// The fault that happens now, once.
    fault strikes() noexcept;
    /// The receiver sees the end now. What is on its way and what follows is lost.
    void end_now() noexcept;
    void lose_all() noexcept;

    void hold(bool held) noexcept { held_ = held; }

    /// Nobody receives any more.
    void close() noexcept { deaf_ = true; }

    /// Whether bytes have come since close(): the sender has to hear of it. Once.
    bool was_in_vain() noexcept { return std::exchange(in_vain_, false); }

  private:
    struct piece {
        async::time_point arrives;
        std::string data; ///< empty: the end
    };

    async::time_point arrival(std::size_t size, async::time_point now, chance dice);
    bool take_piece(piece& front);
    bool fault_is_due() const noexcept;

    fate::way how_;
    std::deque<piece> pieces_;
    std::string inbox_;
    std::size_t on_way_ = 0;
    std::uint64_t total_ = 0;
    async::time_point sent_until_{};
    async::time_point last_arrival_{};
    bool held_ = false;
    bool ended_ = false;
    bool deaf_ = false;
    bool in_vain_ = false;
    bool struck_ = false;
};

} // namespace aio::testing
