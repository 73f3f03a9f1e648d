#pragma once

// A datagram socket of a server. Private to server/.

#include <aio/net/datagram_core.hpp>

#include <cstddef>
#include <exception>
#include <system_error>

namespace aio::server {

class lane;

class datagram_session final : public net::datagram_core {
  public:
    datagram_session(lane& owner, net::poller& poller, net::socket bound)
        : datagram_core(poller, std::move(bound)), lane_(owner) {}

    ~datagram_session() override;

  private:
    void over() noexcept override { delete this; }

    void crashed(std::exception_ptr why) noexcept override;
    bool cannot_receive(const std::error_code& why) noexcept override;
    void receives_again(std::size_t failures) noexcept override;

    lane& lane_;
    bool fails_ = false; ///< it has a run of failures
};

} // namespace aio::server
