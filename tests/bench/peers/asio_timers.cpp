// Many periodic timers on Asio with absolute deadlines (`asio_timers COUNT`, period 1 s, all
// started at once, the first run at once, too). On SIGTERM it prints how late they were.

#include "../lateness.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <cstdlib>
#include <deque>

namespace asio = boost::asio;
using boost::system::error_code;
using clock_type = std::chrono::steady_clock;

namespace {

constexpr auto period = std::chrono::seconds(1);

class schedule {
  public:
    schedule(asio::io_context& context, std::size_t id, bench::lateness_log& log)
        : timer_(context, clock_type::now()), id_(id), log_(log) {
        run();
    }

  private:
    void wait() {
        timer_.async_wait([this](error_code error) {
            if (!error) {
                run();
            }
        });
    }

    void run() {
        log_.add(id_, run_++, [this] { return timer_.expiry(); }, clock_type::now());
        timer_.expires_at(timer_.expiry() + period);
        wait();
    }

    asio::steady_timer timer_;
    std::size_t id_;
    std::size_t run_ = 0;
    bench::lateness_log& log_;
};

} // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
    if (count == 0) {
        std::fprintf(stderr, "usage: %s COUNT\n", argv[0]);
        return 2;
    }
    asio::io_context context(1);
    bench::lateness_log log(count, period);
    asio::signal_set stop(context, SIGTERM);
    stop.async_wait([&](error_code, int) { context.stop(); });
    std::deque<schedule> schedules;
    for (std::size_t i = 0; i < count; ++i) {
        schedules.emplace_back(context, i, log);
    }
    context.run();
    std::puts(log.report(clock_type::now()).c_str());
}
