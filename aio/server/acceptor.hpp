#pragma once

// Takes connections from one listening socket, one at each event (draining the
// queue gains nothing), and stands still when there is no room or the system is out of something.
// Private to server/.

#include <aio/async/timer_queue.hpp>
#include <aio/net/poller.hpp>
#include <aio/server/accept_policy.hpp>

#include <cstdint>
#include <system_error>

namespace aio::server {

class lane;

class acceptor final : private net::watch, private async::timer {
  public:
    /// `shared`: other loops watch the same socket.
    acceptor(lane& of, int fd, bool shared) : lane_(of), fd_(fd), shared_(shared) {}

    ~acceptor();

    void start();
    void stop() noexcept;
    /// A connection has ended: there may be room, or a descriptor.
    void room() noexcept;

  private:
    void ready(std::uint32_t events) override;

    void fire() override { resume(); }

    void pause() noexcept;
    void resume() noexcept;
    void failed(int number);
    void complain(const std::error_code& why);

    lane& lane_;
    int fd_;
    bool shared_;
    bool watched_ = false;
    bool running_ = false;
    accept_policy policy_;
};

} // namespace aio::server
