#include <aio/async/wall_alarm.hpp>

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <limits>
#include <system_error>
#include <utility>

namespace aio::async {

wall_alarm::wall_alarm(boost::asio::io_context& io, std::function<void()> told)
    : timer_(io), told_(std::move(told)) {
    const int fd = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), "timerfd_create");
    timer_.assign(fd);
    arm();
    listen();
}

// The greatest possible second: the kernel shortens it to its own maximum, centuries from now.
void wall_alarm::arm() {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<std::time_t>::max();
    if (::timerfd_settime(
            timer_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr
        ) != 0)
        throw std::system_error(errno, std::generic_category(), "timerfd_settime");
}

void wall_alarm::listen() {
    timer_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [this](const boost::system::error_code& error) {
            if (error)
                return;
            std::uint64_t times = 0;
            const auto got = ::read(timer_.native_handle(), &times, sizeof(times));
            const bool set = got < 0 && errno == ECANCELED;
            arm();
            listen();
            if (set)
                told_();
        }
    );
}

} // namespace aio::async
