#pragma once

// Tells when somebody sets the wall clock: date(1), NTP stepping, a machine that wakes up.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>

namespace aio::async {

/// Linux only: a timer that never fires and is cancelled by the kernel when the clock is set.
class wall_alarm {
  public:
    wall_alarm(boost::asio::io_context& io, std::function<void()> told);

  private:
    void arm();
    void listen();

    boost::asio::posix::stream_descriptor timer_;
    std::function<void()> told_;
};

} // namespace aio::async
