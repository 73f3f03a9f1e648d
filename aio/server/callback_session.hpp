#pragma once

// A connection served by callbacks. Private to server/.

#include <aio/net/transport_core.hpp>
#include <aio/server/session.hpp>

#include <exception>
#include <string>

namespace aio::server {

class callback_session final : public session, public net::transport_core {
  public:
    callback_session(lane& of, net::poller& on, int fd, const net::address& peer)
        : session(of), transport_core(on, fd, peer) {}

    ~callback_session() override;

    void begin() override;
    void tell() noexcept override;
    void cancel() noexcept override;
    std::string unfinished() const override;

  private:
    // net::transport_core
    void ready(std::uint32_t events) override;
    void over() noexcept override;
    void crashed(std::exception_ptr why) noexcept override;

    void active() noexcept override { moved(); }

    void lingers() noexcept override { arm(linger_limit); }

    // session
    void silent() noexcept override;
    void expired() noexcept override;

    void shake_hands(std::uint32_t events);
    void give_up(const std::error_code& why) noexcept;
    void serve() noexcept;
    std::string who() const;

    bool shaking_ = false;
};

} // namespace aio::server
