#pragma once

// Tells when the wall clock is set: by date(1), by a step of NTP, by a machine that wakes up.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace aio::async {

/// Linux only: a timer that never fires and is cancelled by the kernel when the clock is set. Where
/// there is no such timer (emulated kernels, filters of system calls, a limit of epoll that is
/// reached), it compares the wall clock with the steady clock once a second.
class wall_alarm {
  public:
    /// `told` is called on the thread of `io`.
    wall_alarm(boost::asio::io_context& io, std::function<void()> told);

  private:
    bool make_timer();
    bool arm();
    void listen();
    void compare();

    boost::asio::posix::stream_descriptor timer_;
    boost::asio::steady_timer pulse_;
    std::chrono::nanoseconds offset_{}; ///< the wall clock's time minus the steady clock's
    std::function<void()> told_;
};

} // namespace aio::async
