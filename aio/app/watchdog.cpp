#include <aio/app/blockage.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/presses.hpp>
#include <aio/app/process_signals.hpp>
#include <aio/app/stack.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/app/watchdog_report.hpp>
#include <aio/app/write_text.hpp>

#include <fmt/format.h>
#include <sys/syscall.h>
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

/// How long a loop may take to answer when the tasks are to be listed: a moment longer than the
/// main loop waits for the others, so that its list comes first.
constexpr auto answer_within = 1200ms;

/// A blocked signal waits even when it is ignored, so what is to stay ignored is not blocked.
sigset_t handled() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int one : {SIGUSR1, SIGUSR2})
        ::sigaddset(&set, one);
    for (int one : stop_signals())
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
        blockage turns;
    };

    watchdog_hooks hooks;
    std::optional<base::duration> blocking_timeout;

    std::mutex guard; ///< held for copies only, never across a call into a loop
    std::vector<seen> loops;
    std::optional<clock::time_point> deadline;
    std::optional<base::duration> stop_within;
    std::string words;
    std::vector<watched_unit> units;
    std::function<void(int)> farewell;
    bool ending = false;

    presses stops;
    stack_reader stacks;
    std::optional<clock::time_point> tasks_due; ///< whoever does not answer until then is named
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
        if (tasks_due)
            left = std::min(left, *tasks_due - clock::now());
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
        if (number == SIGUSR2) {
            ask_all();
            return hooks.print_tasks();
        }
        switch (stops.count(clock::now())) {
        case press::first:
            if (stop_within)
                set_deadline(*stop_within);
            return hooks.stop(number);
        case press::same:
            return;
        case press::again:
            say(fmt::format("aio: second signal ({}), ending at once\n", ::strsignal(number)));
            const std::scoped_lock hold(guard);
            end(signal_base + number);
        }
    }

    /// The guard is held. Not by _exit(): that of the thread sanitizer flushes standard error,
    /// whose lock a loop holds that is stuck there.
    [[noreturn]] void end(int status) const {
        if (farewell)
            farewell(status);
        flush_log();
        ::syscall(SYS_exit_group, status);
        __builtin_unreachable();
    }

    void look_at_deadline() {
        const std::scoped_lock hold(guard);
        if (!deadline || clock::now() < *deadline)
            return;
        say(report());
        end(forced);
    }

    /// The guard is held.
    std::string report() const {
        std::vector<busy_loop> busy;
        for (const seen& one : loops)
            busy.push_back(look(one));
        return forced_end(busy, words, units);
    }

    static busy_loop look(const seen& one) { return {one.loop.name, one.loop.busy_for()}; }

    void look_at_loops() {
        const std::scoped_lock hold(guard);
        if (!blocking_timeout && !deadline)
            return;
        for (seen& one : loops) {
            const busy_loop now = look(one); // asks: at the deadline it is known
            if (!blocking_timeout)
                continue;
            switch (one.turns.look(now.busy, *blocking_timeout)) {
            case blockage_news::begins:
                say(blocking_detected(now, *blocking_timeout, stacks.stack_of(one.loop.thread)));
                flush_log();
                break;
            case blockage_news::over:
                one.loop.recovered(one.turns.longest());
                break;
            case blockage_news::none:
                break;
            }
        }
    }

    /// The list comes from the main loop: when that is blocked, what is known here comes at least.
    void ask_all() {
        const std::scoped_lock hold(guard);
        tasks_due = clock::now() + answer_within;
        for (const seen& one : loops)
            std::ignore = look(one);
    }

    void look_at_answers() {
        if (!tasks_due || clock::now() < *tasks_due)
            return;
        tasks_due.reset();
        const std::scoped_lock hold(guard);
        for (const seen& one : loops)
            if (const busy_loop now = look(one); now.busy >= answer_within)
                say(no_answer(now, stacks.stack_of(one.loop.thread)));
    }

    void flush_log() const {
        if (hooks.flush_log)
            hooks.flush_log();
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
        state_->look_at_answers();
    }
}

void watchdog::watch(watched_loop loop) {
    state_->change([&] { state_->loops.push_back({std::move(loop), {}}); });
}

void watchdog::watch(std::vector<watched_unit> units) {
    const std::scoped_lock hold(state_->guard);
    state_->units = std::move(units);
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
    state_->units.clear();
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

std::string watchdog::report() const {
    const std::scoped_lock hold(state_->guard);
    return state_->report();
}

void watchdog::before_force(std::function<void(int status)> farewell) {
    const std::scoped_lock hold(state_->guard);
    state_->farewell = std::move(farewell);
}

} // namespace aio::app
