#include <aio/app/exit_status.hpp>
#include <aio/app/interruption.hpp>
#include <aio/app/presses.hpp>
#include <aio/app/process_signals.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/thread.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <tuple>
#include <utility>

namespace aio::app {

namespace asio = boost::asio;

struct interruption::state {
    std::string command;
    std::function<void()> stop;
    std::optional<base::duration> stop_within;
    std::function<void()> before_force;
    std::atomic<int> first{0};
    presses so_far;
    asio::io_context loop{1};
    asio::signal_set signals{loop};
    asio::steady_timer deadline{loop};
    std::thread thread;

    [[noreturn]] void end(int status, const std::string& why) const {
        base::say(why, base::layout::message, std::chrono::milliseconds::zero());
        before_force();
        ::_exit(status);
    }

    void listen() {
        signals.async_wait([this](const boost::system::error_code& failed, int number) {
            if (failed)
                return;
            heard(number);
            listen();
        });
    }

    void heard(int number) {
        switch (so_far.count(std::chrono::steady_clock::now())) {
        case press::first:
            first = number;
            set_deadline();
            return stop();
        case press::same:
            return;
        case press::again:
            end(signal_base + number,
                fmt::format("second signal ({}), ending at once", ::strsignal(number)));
        }
    }

    void set_deadline() {
        if (!stop_within)
            return;
        deadline.expires_after(*stop_within);
        deadline.async_wait([this](const boost::system::error_code& failed) {
            if (!failed)
                end(forced,
                    fmt::format(
                        "the stop deadline has passed: {} has not ended, ending by force", command
                    ));
        });
    }
};

interruption::interruption(
    std::string command,
    std::function<void()> stop,
    std::optional<base::duration> stop_within,
    std::function<void()> before_force
)
    : state_(std::make_unique<state>()) {
    state_->command = std::move(command);
    state_->stop = std::move(stop);
    state_->stop_within = stop_within;
    state_->before_force = std::move(before_force);
    for (const int one : stop_signals())
        state_->signals.add(one);
    state_->listen();
    state_->thread = base::start_thread([s = state_.get()] { s->loop.run(); });
}

interruption::~interruption() {
    state_->loop.stop();
    state_->thread.join();
}

int interruption::signal() const noexcept {
    return state_->first;
}

} // namespace aio::app
