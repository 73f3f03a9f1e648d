#pragma once

// A datagram socket of a client. Private to client/.

#include <aio/client/session.hpp>
#include <aio/net/datagram_core.hpp>

#include <exception>
#include <string>

namespace aio::client {

class datagram_session final : public session, public net::datagram_core {
  public:
    datagram_session(shared& all, net::poller& poller, net::socket connected, end_handler ended);

    /// Starts the protocol, which may close within the call.
    /// Throws: what the constructor of the protocol throws; std::system_error. The session is
    /// destroyed then.
    void begin();

    void tell() noexcept override;
    void cancel() noexcept override;
    std::string unfinished() const override;

  private:
    ~datagram_session() override;

    // net::datagram_core
    void over() noexcept override;
    void crashed(std::exception_ptr why) noexcept override;
};

} // namespace aio::client
