#include <aio/app/awaited_signals.hpp>
#include <aio/app/deadlines.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/fatal_signals.hpp>
#include <aio/app/presses.hpp>
#include <aio/app/signal_relay.hpp>
#include <aio/app/stack.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/base/alternate_stack.hpp>
#include <aio/base/signal_wait.hpp>
#include <aio/base/thread.hpp>
#include <aio/base/write_text.hpp>

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
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

/// How long a loop may take to answer before the tasks are listed: a little longer than the main
/// loop waits for the others, so that its list comes first.
constexpr auto answer_within = 1200ms;
/// How long the report of a crash waits for the reader of standard error.
constexpr auto crash_patience = 100ms;

/// Writes what fits without waiting: standard error may be a full pipe.
void say(std::string_view text, std::chrono::milliseconds patience = 0ms) {
    std::ignore = base::write_text(STDERR_FILENO, text, patience);
}

} // namespace

struct watchdog::state {
    watchdog_hooks hooks;
    std::optional<base::duration> blocking_timeout;
    std::optional<base::duration> stop_within;

    std::mutex
        calling; ///< held while a hook runs, but for those of the log and farewell; before `guard`
    std::mutex guard; ///< held for copies only, never across a call into a loop
    loop_watch loops;
    deadlines times;
    std::string words;
    std::vector<watched_unit> units;
    std::function<void(int)> farewell;
    bool ending = false;

    presses stops;
    stack_reader stacks;
    std::thread thread;
    std::optional<crash_reporter> reporter;
    std::optional<signal_relay> relay;

    state() : loops([this] { wake(); }) {}

    bool has_ended() {
        const std::scoped_lock hold(guard);
        return ending;
    }

    clock::duration next_look() {
        const std::scoped_lock hold(guard);
        clock::duration left = 1h;
        if (blocking_timeout && !loops.empty() && loops.attention() != attention::asleep)
            left = std::max<clock::duration>(*blocking_timeout / 4, 1ms);
        return times.left(clock::now(), left);
    }

    void set_deadline(base::duration within) {
        const std::scoped_lock hold(guard);
        times.arm(clock::now(), within);
    }

    void on_signal(int number) {
        if (number == SIGUSR2)
            ask_all();
        const std::scoped_lock hold(calling);
        if (number == SIGUSR1)
            return call(hooks.reopen);
        if (number == SIGUSR2)
            return call(hooks.print_tasks);
        switch (stops.count(clock::now())) {
        case press::first:
            return first_stop(number);
        case press::same:
            return;
        case press::again:
            say(fmt::format("aio: second signal ({}), ending at once\n", ::strsignal(number)));
            const std::scoped_lock now(guard);
            end(signal_base + number);
        }
    }

    void first_stop(int number) {
        if (stop_within)
            set_deadline(*stop_within);
        {
            const std::scoped_lock hold(guard);
            times.told_to_stop(clock::now());
        }
        if (hooks.stop)
            hooks.stop(number);
    }

    static void call(const std::function<void()>& hook) {
        if (hook)
            hook();
    }

    /// Precondition: the guard is held. Not by _exit(): the thread sanitizer's version flushes
    /// standard error, whose lock a stuck loop may hold.
    [[noreturn]] void end(int status) const {
        if (farewell)
            farewell(status);
        call(hooks.flush_log_at_end);
        ::syscall(SYS_exit_group, status);
        __builtin_unreachable();
    }

    /// Waits for signals are refused since the start: no stop signal would be heard any more.
    [[noreturn]] void end_deaf(int error) {
        say(fmt::format(
            "aio: cannot wait for signals any more ({}), ending at once\n", ::strerrordesc_np(error)
        ));
        const std::scoped_lock hold(guard);
        end(forced);
    }

    void look_at_deadlines() {
        const std::scoped_lock hold(guard);
        switch (times.look(clock::now())) {
        case deadlines::reached::nothing:
            return;
        case deadlines::reached::stop:
            say(report());
            end(forced);
        case deadlines::reached::preparation:
            say(ended_in_preparation(words));
            end(success);
        }
    }

    /// Precondition: the guard is held.
    std::string report() const { return forced_end(loops.busy(), words, units); }

    void look_at_loops() {
        const std::scoped_lock hold(guard);
        if (!blocking_timeout) {
            if (times.armed()) // by then the answers are known
                loops.ask_all();
            return;
        }
        const std::string reports = loops.look(*blocking_timeout, stack_of());
        if (reports.empty())
            return;
        say(reports);
        call(hooks.flush_log);
    }

    /// The main loop lists the tasks. In case it is blocked, the loops are asked from here as well.
    void ask_all() {
        const std::scoped_lock hold(guard);
        times.await_answers(clock::now() + answer_within);
        loops.ask_all();
    }

    void look_at_answers() {
        const std::scoped_lock hold(guard);
        if (!times.answers_due(clock::now()))
            return;
        say(loops.silent(answer_within, stack_of()));
    }

    loop_watch::stack_of stack_of() {
        return [this](pthread_t blocked) { return stacks.stack_of(blocked); };
    }

    /// Another thread has crashed; it may hold any lock.
    void look_at_crash() {
        const crash* const report = crash_reporter::pending();
        if (!report)
            return;
        say(crash_text(*report), crash_patience);
        if (const std::unique_lock lock(guard, std::try_to_lock); lock)
            call(hooks.flush_log_at_end);
        crash_reporter::done();
    }

    void wake() { std::ignore = base::signal_thread(thread.native_handle(), wake_signal()); }

    template <typename Change>
    void change(Change apply) {
        {
            const std::scoped_lock hold(guard);
            apply();
        }
        wake();
    }
};

watchdog::watchdog(
    watchdog_hooks hooks,
    std::optional<base::duration> blocking_timeout,
    std::optional<base::duration> stop_within
)
    : state_(std::make_unique<state>()) {
    base::require_signal_wait();
    base::require_thread_signal();
    state_->hooks = std::move(hooks);
    state_->blocking_timeout = blocking_timeout;
    state_->stop_within = stop_within;
    state_->thread = base::start_thread([this] { run(); });
    // Not by the thread itself: on a busy machine another one may crash before it has begun.
    state_->reporter.emplace(state_->thread.native_handle(), wake_signal());
    state_->relay.emplace(state_->thread.native_handle(), awaited_signals());
}

watchdog::~watchdog() {
    state_->relay.reset();
    state_->reporter.reset();
    state_->change([this] { state_->ending = true; });
    state_->thread.join();
}

void watchdog::run() {
    const base::alternate_stack stack;
    const signal_intake signals;
    for (;;) {
        const bool ends = state_->has_ended();
        const int number = signals.next(ends ? 0s : state_->next_look());
        if (number < 0 && !base::can_wait_again(errno))
            state_->end_deaf(errno);
        state_->look_at_crash();
        if (number > 0 && number != wake_signal())
            state_->on_signal(number);
        else if (number < 0 && ends)
            return;
        state_->look_at_deadlines();
        state_->look_at_loops();
        state_->look_at_answers();
    }
}

void watchdog::watch(watched_loop loop) {
    state_->change([&] { state_->loops.add(std::move(loop)); });
}

void watchdog::watch(std::vector<watched_unit> units) {
    const std::scoped_lock hold(state_->guard);
    state_->units = std::move(units);
}

void watchdog::unwatch(pthread_t thread) {
    const std::scoped_lock hold(state_->guard);
    state_->loops.remove(thread);
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

void watchdog::shorten(base::duration within) {
    state_->change([this, within] { state_->times.shorten(clock::now(), within); });
}

void watchdog::preparing() {
    state_->change([this] { state_->times.preparation_begins(clock::now()); });
}

void watchdog::prepared() {
    const std::scoped_lock hold(state_->guard);
    state_->times.preparation_ends();
}

void watchdog::retire(std::string last_words) {
    const std::scoped_lock hold(state_->calling, state_->guard);
    state_->hooks = {};
    state_->loops.clear();
    state_->units.clear();
    state_->times.preparation_ends();
    state_->words = std::move(last_words);
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
