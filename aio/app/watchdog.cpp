#include <aio/app/exit_status.hpp>
#include <aio/app/presses.hpp>
#include <aio/app/process_signals.hpp>
#include <aio/app/stack.hpp>
#include <aio/app/watchdog.hpp>
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

/// A loop that has not turned for so long when the end comes by force is named as blocked.
constexpr auto blocked = 100ms;
/// Who is left is listed up to so many.
constexpr std::size_t most_named = 20;
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
    std::vector<watched_unit> units;
    std::function<void()> farewell;
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
            farewell();
        ::syscall(SYS_exit_group, status);
        __builtin_unreachable();
    }

    void look_at_deadline() {
        const std::scoped_lock hold(guard);
        if (!deadline || clock::now() < *deadline)
            return;
        say("aio: the stop deadline has passed, ending by force\n");
        say_who_is_blocked();
        if (words.empty())
            say_who_runs();
        else
            say(words);
        end(forced);
    }

    void say_who_is_blocked() const {
        for (const seen& one : loops)
            if (const base::duration busy = one.loop.busy_for(); busy >= blocked)
                say(fmt::format(
                    "aio: loop {} is blocked: it has been in one call for {}\n",
                    one.loop.name,
                    base::format(std::chrono::floor<std::chrono::milliseconds>(busy))
                ));
    }

    /// The main loop did not come to tell: as the units are seen from outside.
    void say_who_runs() const {
        std::size_t left = 0;
        for (const watched_unit& one : units)
            if (one.runs() && left++ < most_named)
                say(one.line);
        if (left > most_named)
            say(fmt::format("aio: and more, {} in all\n", left));
    }

    void look_at_loops() {
        const std::scoped_lock hold(guard);
        if (!blocking_timeout && !deadline)
            return;
        for (seen& one : loops) {
            const base::duration busy = one.loop.busy_for(); // asks: at the deadline it is known
            if (blocking_timeout && busy >= *blocking_timeout) {
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

    /// The list comes from the main loop: when that is blocked, what is known here comes at least.
    void ask_all() {
        const std::scoped_lock hold(guard);
        tasks_due = clock::now() + answer_within;
        for (seen& one : loops)
            std::ignore = one.loop.busy_for();
    }

    void look_at_answers() {
        if (!tasks_due || clock::now() < *tasks_due)
            return;
        tasks_due.reset();
        const std::scoped_lock hold(guard);
        for (seen& one : loops)
            if (const base::duration busy = one.loop.busy_for(); busy >= answer_within)
                say(fmt::format(
                    "aio: loop {} has not answered for {}, its tasks cannot be listed\n{}",
                    one.loop.name,
                    base::format(std::chrono::floor<std::chrono::milliseconds>(busy)),
                    stacks.stack_of(one.loop.thread)
                ));
    }

    void report(const seen& one) {
        say(fmt::format(
            "WARNING: Blocking detected (timeout={:.1f}): loop {} has been in one call for {}\n{}",
            std::chrono::duration<double>(*blocking_timeout).count(),
            one.loop.name,
            base::format(std::chrono::floor<std::chrono::milliseconds>(one.longest)),
            stacks.stack_of(one.loop.thread)
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
        state_->look_at_answers();
    }
}

void watchdog::watch(watched_loop loop) {
    state_->change([&] { state_->loops.push_back({std::move(loop), false, {}}); });
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

void watchdog::before_force(std::function<void()> farewell) {
    const std::scoped_lock hold(state_->guard);
    state_->farewell = std::move(farewell);
}

} // namespace aio::app
