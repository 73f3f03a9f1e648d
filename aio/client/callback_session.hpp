#pragma once

// A connection of a client that a class with callbacks serves. Private to client/.

#include <aio/client/session.hpp>
#include <aio/net/transport_core.hpp>
#include <aio/protocols/session_over.hpp>

#include <exception>
#include <string>

namespace aio::client {

class callback_session final : public protocols::session_over<session, net::transport_core> {
  public:
    callback_session(
        shared& all, net::poller& poller, int fd, const net::address& peer, end_handler ended
    );

    /// As stream_session::begin().
    void begin(std::string early);

    std::string unfinished() const override;

  private:
    // net::transport_core
    void over() noexcept override;
    void lingers() noexcept override;
    void crashed(std::exception_ptr why) noexcept override;

    void tell_end() noexcept;

    std::exception_ptr crash_; ///< what a callback threw
    bool begun_ = false;
};

} // namespace aio::client
