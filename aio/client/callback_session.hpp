#pragma once

// A connection of a client that a class with callbacks serves. Private to client/.

#include <aio/client/session.hpp>
#include <aio/net/transport_core.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace aio::client {

class callback_session final : public session, public net::transport_core {
  public:
    callback_session(
        shared& all, net::poller& poller, int fd, const net::address& peer, end_handler ended
    );

    /// As stream_session::begin().
    void begin(std::string early);

    void tell() noexcept override;
    void cancel() noexcept override;
    std::string unfinished() const override;

  private:
    ~callback_session() override;

    // net::transport_core
    void active() noexcept override { moved(); }

    void set_timer(async::time_point when) override { watch_deadline(when); }

    void over() noexcept override;
    void lingers() noexcept override;
    void crashed(std::exception_ptr why) noexcept override;

    // session
    void silent() noexcept override;

    async::time_point check_deadlines() noexcept override { return check_time(); }

    void expired() noexcept override { stop_lingering(); }

    void tell_end() noexcept;
    std::string who() const;

    std::exception_ptr crash_; ///< what a callback threw
    bool begun_ = false;
};

} // namespace aio::client
