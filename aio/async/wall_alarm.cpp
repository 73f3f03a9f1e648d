#include <aio/async/wall_alarm.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <limits>
#include <utility>

namespace aio::async {

namespace {

constexpr std::chrono::seconds pulse_period{1};

/// The clocks drift apart by less within a period; NTP slews by 500 ppm.
constexpr std::chrono::milliseconds least_step{100};

std::chrono::nanoseconds offset_of_clocks() {
    return std::chrono::system_clock::now().time_since_epoch() -
           std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace

wall_alarm::wall_alarm(boost::asio::io_context& io, std::function<void()> told)
    : timer_(io), pulse_(io), told_(std::move(told)) {
    if (make_timer()) {
        listen();
    } else {
        offset_ = offset_of_clocks();
        compare();
    }
}

bool wall_alarm::make_timer() {
    base::descriptor made(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
    if (made.get() < 0)
        return false;
    boost::system::error_code refused; // ENOSPC: the user's limit of descriptors in epoll
    timer_.assign(made.get(), refused);
    if (refused)
        return false;
    static_cast<void>(made.release());
    if (arm())
        return true;
    timer_.close();
    return false;
}

// The greatest possible second: the kernel shortens it to its own maximum, centuries from now.
bool wall_alarm::arm() {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<std::time_t>::max();
    return ::timerfd_settime(
               timer_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr
           ) == 0;
}

void wall_alarm::compare() {
    pulse_.expires_after(pulse_period);
    pulse_.async_wait([this](const boost::system::error_code& error) {
        if (error)
            return;
        const auto now = offset_of_clocks();
        const auto step = std::chrono::abs(now - std::exchange(offset_, now));
        compare();
        if (step >= least_step)
            told_();
    });
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
