#pragma once

// A connection served by a coroutine. Private to server/.

#include <aio/async/start_inline.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/server/session.hpp>

#include <exception>
#include <string>
#include <utility>

namespace aio::server {

class stream_session final : public session,
                             public net::stream_core,
                             private async::source,
                             private async::keeper {
  public:
    stream_session(lane& of, net::poller& on, int fd, const net::address& peer)
        : session(of), stream_core(on, fd, peer) {}

    ~stream_session() override;

    void begin() override;
    void tell() noexcept override;
    void cancel() noexcept override;
    std::string unfinished() const override;

  private:
    // net::stream_core
    void ready(std::uint32_t events) override;
    void dispose() noexcept override;

    void active() noexcept override { moved(); }

    void lingers() noexcept override { arm(linger_limit); }

    // session
    void silent() noexcept override;
    void expired() noexcept override;

    // async::source and async::keeper
    bool next(task<void>& into) noexcept override;

    void failed(std::exception_ptr why) noexcept override { why_ = std::move(why); }

    void ended(async::runner& by, std::exception_ptr why) noexcept override;

    void shake_hands();
    void give_up(const std::error_code& why) noexcept;
    void run();
    void over(std::exception_ptr why) noexcept;
    std::string who() const;

    async::runner* runner_ = nullptr;
    std::exception_ptr why_;
    bool shaking_ = false;
    bool asked_ = false;
    bool told_silent_ = false;
};

} // namespace aio::server
