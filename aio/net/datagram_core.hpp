#pragma once

// The implementation of a datagram transport: one socket, read until it is empty at each event.

#include <aio/async/timer_queue.hpp>
#include <aio/base/api.hpp>
#include <aio/net/datagram.hpp>
#include <aio/net/datagram_phase.hpp>
#include <aio/net/failure_run.hpp>
#include <aio/net/poller.hpp>
#include <aio/net/socket.hpp>
#include <aio/net/traffic.hpp>

#include <sys/types.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <system_error>

namespace aio::net {

class AIO_API datagram_core : public datagram_transport, public watch, private async::timer {
  public:
    datagram_core(poller& poller, socket bound) noexcept;

    /// Adds what is received and sent to `counters`.
    void count(traffic& counters) noexcept { traffic_ = &counters; }

    /// Calls connection_made, then serves the socket. Throws std::system_error.
    void begin(std::unique_ptr<datagram_protocol> handler);
    void send_to(std::span<const std::byte> data, const address& target);
    void send(std::span<const std::byte> data);
    void close() noexcept;
    /// Hands over the datagrams that have arrived. From now on the system drops all that arrive,
    /// for all users of the socket. Sending goes on.
    void end_input() noexcept;
    /// Closes as soon as end_input() has nothing left to hand over.
    void finish() noexcept;
    address local() const;
    address peer() const;

    poller& on() const noexcept { return *on_; }

  protected:
    virtual ~datagram_core();
    void ready(std::uint32_t events) override;
    virtual void over() noexcept = 0;
    virtual void crashed(std::exception_ptr why) noexcept = 0;

    /// The system refuses to receive over and over, and there is a pause. Returns true if
    /// receives_again() is to be called at the end of the refusals.
    virtual bool cannot_receive(const std::error_code& why) noexcept {
        static_cast<void>(why);
        return false;
    }

    /// Called for each datagram. May take something from its beginning, and say another sender.
    /// Returns false when the protocol does not get it.
    virtual bool admits(std::span<const std::byte>& data, address& from) noexcept {
        static_cast<void>(data);
        static_cast<void>(from);
        return true;
    }

    /// A datagram of `from`, which was admitted, is dropped: it is too long. The protocol hears of
    /// it, too.
    virtual void too_long(const address& from) noexcept { static_cast<void>(from); }

    enum class drop : std::uint8_t { no_room, too_long };

    /// A datagram for `target` is dropped: the system has no room for it, or none for any of its
    /// size.
    virtual void dropped(const address& target, drop why) noexcept {
        static_cast<void>(target);
        static_cast<void>(why);
    }

    /// The system lets the socket receive again, after `failures` with a pause.
    virtual void receives_again(std::size_t failures) noexcept { static_cast<void>(failures); }

  private:
    /// Datagrams handed over in a row, before other sockets get their turn.
    static constexpr int budget = 64;

    template <typename F>
    void guarded(F call) noexcept;

    void fire() override { ready(0); }

    void happens(datagram_event event) noexcept;
    void make_room_to_send() noexcept;
    void drain();
    /// Of a datagram of `size` bytes, `data` is what there is room for.
    void received(std::span<const std::byte> data, std::size_t size, address& from) noexcept;
    void end_failures() noexcept;
    /// Returns true when there is a pause now, or an end.
    bool refused(int number) noexcept;
    ssize_t receive(std::span<std::byte> room, address& from) noexcept;
    ssize_t send_now(std::span<const std::byte> data, const address& target) noexcept;
    void settle() noexcept;

    void abandoned() noexcept override { settle(); }

    void drop_what_comes() noexcept;

    poller* on_;
    traffic* traffic_ = nullptr;
    socket socket_;
    std::unique_ptr<datagram_protocol> protocol_;
    failure_run failures_; ///< the timer is armed during a pause
    datagram_phase phase_ = datagram_phase::open;
    bool everywhere_ = false; ///< bound to all addresses
    bool busy_ = false;       ///< settle() follows what runs now
};

} // namespace aio::net
