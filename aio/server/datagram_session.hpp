#pragma once

// A datagram socket of a server. Private to server/.

#include <aio/async/timer_queue.hpp>
#include <aio/net/datagram_core.hpp>
#include <aio/server/refusal.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <system_error>

namespace aio::server {

class lane;

class datagram_session final : public net::datagram_core {
  public:
    datagram_session(lane& owner, net::poller& poller, net::socket bound);

    ~datagram_session() override;

  private:
    void over() noexcept override { delete this; }

    bool admits(std::span<const std::byte>& data, net::address& from) noexcept override;
    void crashed(std::exception_ptr why) noexcept override;
    void too_long(const net::address& from) noexcept override;
    void dropped(const net::address& target, drop why) noexcept override;
    bool cannot_receive(const std::error_code& why) noexcept override;
    void receives_again(std::size_t failures) noexcept override;

    /// Fires when the log may hear of the datagrams that were dropped.
    struct reminder final : async::timer {
        explicit reminder(datagram_session& owner_) : owner(owner_) {}

        void fire() override { owner.tell_drops(); }

        datagram_session& owner;
    };

    /// The header of a proxy is the beginning of `data`.
    bool take_header(std::span<const std::byte>& data, net::address& from) noexcept;
    /// The sender is `client`, and `from` the way to it.
    static void announce(net::address client, net::address& from) noexcept;
    void refuse(refusal why, const net::address& from) noexcept;
    void tell_drops() noexcept;
    void remind(std::optional<async::time_point> when) noexcept;

    lane& lane_;
    reminder reminder_{*this};
    bool fails_ = false; ///< it has a run of failures
    bool drops_ = false; ///< it has dropped datagrams
};

} // namespace aio::server
