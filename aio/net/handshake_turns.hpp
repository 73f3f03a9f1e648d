#pragma once

// Which TLS handshakes of a loop go on in which turn. A step of one computes for up to a
// millisecond, so a flood of them would hold up the connections that are served: a turn has few
// steps and begins none when it has spent some time on them. Further handshakes wait in the order
// in which they came.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>
#include <aio/net/poller.hpp>

#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <cstdint>

namespace aio::net {

/// All members are called on the loop's thread.
class AIO_API handshake_turns : public boost::asio::execution_context::service, private watch {
  public:
    static boost::asio::execution_context::id id;

    /// Whether a turn has another step after `steps` of them, of which the first began `spent` ago.
    static constexpr bool has_another(std::uint32_t steps, async::duration spent) noexcept {
        return steps == 0 || (steps < 4 && spent < std::chrono::microseconds(250));
    }

    /// One handshake. It leaves the queue with its destruction.
    class AIO_API place {
      public:
        place() = default;
        place(const place&) = delete;
        place& operator=(const place&) = delete;

      protected:
        ~place();

        /// A step was asked for, and its turn has not come.
        bool waits_for_turn() const noexcept { return queue_ != nullptr; }

      private:
        friend class handshake_turns;

        /// Its turn has come. It may destroy this and other places. An exception leaves through the
        /// loop.
        virtual void step() = 0;

        handshake_turns* queue_ = nullptr;
        place* previous_ = nullptr;
        place* next_ = nullptr;
    };

    /// Those of a loop, made at the first call.
    static handshake_turns& of(poller& on);

    explicit handshake_turns(boost::asio::execution_context& context);

    /// True: `asking` may take a step now. Otherwise its step() is called in a later turn; a second
    /// request meanwhile changes nothing.
    bool take(place& asking);

  private:
    void shutdown() override;
    void ready(std::uint32_t events) override;
    bool spend() noexcept;
    void append(place& asking) noexcept;
    void remove(place& member) noexcept;

    poller* on_ = nullptr;
    place* first_ = nullptr;
    place* last_ = nullptr;
    std::uint32_t turn_ = 0;
    std::uint32_t steps_ = 0;   ///< in that turn
    async::time_point begun_{}; ///< the first of them
};

} // namespace aio::net
