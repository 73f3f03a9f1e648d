#include <aio/app/exit_status.hpp>
#include <aio/app/stack.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/app/write_text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>
#include <tuple>

namespace aio::app {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A second signal inside this time is the same key press or the same `kill` to a whole group.
constexpr auto one_press = 250ms;

/// Left ignored by who started us: by nohup, by a shell for what it runs in the background.
bool inherited_ignored(int signal) {
    struct sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

/// A blocked signal waits even when it is ignored, so what is to stay ignored is not blocked.
sigset_t handled() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int one : {SIGTERM, SIGUSR1, SIGUSR2})
        ::sigaddset(&set, one);
    for (int one : {SIGINT, SIGHUP})
        if (!inherited_ignored(one))
            ::sigaddset(&set, one);
    return set;
}

/// Wakes the thread; directed at it alone, so it never reaches user code.
int wake_signal() {
    return SIGRTMIN + 2;
}

/// Writes what fits without waiting: standard error may be a full pipe.
void say(std::string_view text) {
    std::ignore = write_text(STDERR_FILENO, text, 0ms);
}

timespec to_timespec(clock::duration of) {
    const auto left = std::max(of, clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec t{};
    t.tv_sec = seconds.count();
    t.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds).count();
    return t;
}

} // namespace

struct watchdog::state {
    struct seen {
        watched_loop loop;
        bool reported = false;
        base::duration longest{};
    };

    watchdog_hooks hooks;
    std::optional<base::duration> blocking_timeout;

    std::mutex guard; ///< held for copies only, never across a call into a loop
    std::vector<seen> loops;
    std::optional<clock::time_point> deadline;
    std::optional<base::duration> stop_within;
    std::string words;
    bool ending = false;

    std::optional<clock::time_point> first_stop;
    std::thread thread;

    clock::duration next_look() {
        const std::scoped_lock hold(guard);
        clock::duration left = 1h;
        if (blocking_timeout && !loops.empty())
            left = std::min<clock::duration>(
                left, std::max<clock::duration>(*blocking_timeout / 4, 1ms)
            );
        if (deadline)
            left = std::min(left, *deadline - clock::now());
        return left;
    }

    void set_deadline(base::duration within) {
        const std::scoped_lock hold(guard);
        if (!deadline)
            deadline = clock::now() + within;
    }

    void on_signal(int number) {
        if (number == SIGUSR1)
            return hooks.reopen();
        if (number == SIGUSR2)
            return hooks.print_tasks();
        const auto now = clock::now();
        if (!first_stop) {
            first_stop = now;
            if (stop_within)
                set_deadline(*stop_within);
            return hooks.stop(number);
        }
        if (now - *first_stop <= one_press)
            return;
        say(fmt::format("aio: second signal ({}), ending at once\n", ::strsignal(number)));
        ::_exit(signal_base + number);
    }

    void look_at_deadline() {
        const std::scoped_lock hold(guard);
        if (!deadline || clock::now() < *deadline)
            return;
        say("aio: the stop deadline has passed, ending by force\n");
        say(words);
        ::_exit(forced);
    }

    void look_at_loops() {
        if (!blocking_timeout)
            return;
        const std::scoped_lock hold(guard);
        for (seen& one : loops) {
            const base::duration busy = one.loop.busy_for();
            if (busy >= *blocking_timeout) {
                one.longest = busy;
                if (!one.reported)
                    report(one);
                one.reported = true;
            } else if (one.reported) {
                one.reported = false;
                one.loop.recovered(one.longest);
            }
        }
    }

    void report(const seen& one) {
        say(fmt::format(
            "WARNING: Blocking detected (timeout={:.1f}): loop {} has been in one call for {}\n{}",
            std::chrono::duration<double>(*blocking_timeout).count(),
            one.loop.name,
            base::format(std::chrono::floor<std::chrono::milliseconds>(one.longest)),
            stack_of(one.loop.thread)
        ));
    }

    void wake() { ::pthread_kill(thread.native_handle(), wake_signal()); }

    template <typename Change>
    void change(Change apply) {
        {
            const std::scoped_lock hold(guard);
            apply();
        }
        wake();
    }
};

void block_process_signals() {
    sigset_t set = handled();
    ::sigaddset(&set, wake_signal());
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

watchdog::watchdog(
    watchdog_hooks hooks,
    std::optional<base::duration> blocking_timeout,
    std::optional<base::duration> stop_within
)
    : state_(std::make_unique<state>()) {
    state_->hooks = std::move(hooks);
    state_->blocking_timeout = blocking_timeout;
    state_->stop_within = stop_within;
    state_->thread = std::thread([this] { run(); });
}

watchdog::~watchdog() {
    state_->change([this] { state_->ending = true; });
    state_->thread.join();
}

void watchdog::run() {
    sigset_t set = handled();
    ::sigaddset(&set, wake_signal());
    for (;;) {
        const timespec left = to_timespec(state_->next_look());
        siginfo_t info{};
        const int number = ::sigtimedwait(&set, &info, &left);
        {
            const std::scoped_lock hold(state_->guard);
            if (state_->ending)
                return;
        }
        if (number > 0 && number != wake_signal())
            state_->on_signal(number);
        state_->look_at_deadline();
        state_->look_at_loops();
    }
}

void watchdog::watch(watched_loop loop) {
    state_->change([&] { state_->loops.push_back({std::move(loop), false, {}}); });
}

void watchdog::unwatch(pthread_t thread) {
    const std::scoped_lock hold(state_->guard);
    std::erase_if(state_->loops, [&](const state::seen& one) {
        return ::pthread_equal(one.loop.thread, thread) != 0;
    });
}

void watchdog::unwatch_all() {
    const std::scoped_lock hold(state_->guard);
    state_->loops.clear();
}

void watchdog::arm(base::duration within) {
    state_->set_deadline(within);
    state_->wake();
}

void watchdog::disarm() noexcept {
    const std::scoped_lock hold(state_->guard);
    state_->deadline.reset();
}

void watchdog::last_words(std::string text) {
    const std::scoped_lock hold(state_->guard);
    state_->words = std::move(text);
}

} // namespace aio::app
