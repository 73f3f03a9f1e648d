#pragma once

// Tells when the wall clock is set: by date(1), by a step of NTP, by a machine that wakes up.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace aio::async {

/// Linux only: a timer that never fires and is cancelled by the kernel when the clock is set.
class wall_alarm {
  public:
    /// `told` is called on the thread of `io` when the clock was set. Throws std::system_error.
    wall_alarm(boost::asio::io_context& io, std::function<void()> told);

  private:
    void arm();
    void listen();

    boost::asio::posix::stream_descriptor timer_;
    std::function<void()> told_;
};

} // namespace aio::async
