#include <aio/app/fatal_signals.hpp>
#include <aio/base/signal_wait.hpp>

#include <execinfo.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <tuple>

namespace aio::app {
namespace {

constexpr std::array fatal{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/// How long the crashed thread waits for its report, in steps of a millisecond.
constexpr int patience = 5000;
enum class stage : int { none, waits, made, lost }; ///< lost: the reporter has crashed as well

/// A signal handler gets no context of its own, so its data belongs to the process.
struct {
    std::atomic<pid_t> owner{0}; ///< the thread whose crash it is
    crash what;
    std::atomic<stage> report{stage::none};
    std::atomic<bool> has_reporter{false};
    std::atomic<fatal_signals::last_act> last_act{nullptr};
    std::atomic<const void*> last_context{nullptr};
    pthread_t reporter{};
    int wake_up = 0;
    struct sigaction before[fatal.size()]{};
} shared;

pid_t own_thread() noexcept {
    return static_cast<pid_t>(::syscall(SYS_gettid));
}

void pause_a_moment() noexcept {
    const timespec moment{0, 1'000'000};
    std::ignore = ::nanosleep(&moment, nullptr);
}

/// Where the thread was when the signal came; nullptr on a machine that is not known here.
const void* interrupted_at(const void* context) noexcept {
    const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return reinterpret_cast<const void*>( // NOLINT(performance-no-int-to-ptr)
        registers.gregs[REG_RIP]
    );
#elif defined(__aarch64__)
    return reinterpret_cast<const void*>(registers.pc);
#else
    return static_cast<void>(registers), nullptr;
#endif
}

/// The frames before this one belong to the handler.
void take_frames(crash& crash, const void* interrupted) noexcept {
    crash.frame_count = ::backtrace(crash.frames.data(), crash::most_frames);
    const auto end = crash.frames.begin() + crash.frame_count;
    const auto first = std::find(crash.frames.begin(), end, interrupted);
    crash.first_frame = first == end ? 0 : static_cast<int>(first - crash.frames.begin());
}

void describe(crash& crash, int signal, const siginfo_t& info) noexcept {
    crash.signal = signal;
    crash.sent = info.si_code <= 0;
    crash.sender = crash.sent ? info.si_pid : 0;
    crash.address = crash.sent ? nullptr : info.si_addr;
    crash.where = thread_place::here();
}

bool is_reporter() noexcept {
    return shared.has_reporter && ::pthread_equal(shared.reporter, ::pthread_self()) != 0;
}

bool reported_by_another() noexcept {
    if (!shared.has_reporter || is_reporter())
        return false;
    stage before = stage::none;
    if (!shared.report.compare_exchange_strong(before, stage::waits) ||
        base::signal_thread(shared.reporter, shared.wake_up) != 0)
        return false;
    for (int i = 0; i < patience && shared.report == stage::waits; ++i)
        pause_a_moment();
    return shared.report == stage::made;
}

/// The thread that crashed first waits for no report any more. A report that was made stays made.
void lose_reporter() noexcept {
    for (const stage unfinished : {stage::none, stage::waits}) {
        stage before = unfinished;
        std::ignore = shared.report.compare_exchange_strong(before, stage::lost);
    }
}

/// A fault comes again when the handler returns, and ends the process by then. What was sent is
/// sent again; a process that no signal ends (the first one of a container) ends itself.
void let_it_end(int signal, bool sent) noexcept {
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    std::ignore = ::sigaction(signal, &standard, nullptr);
    if (!sent)
        return;
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::syscall(SYS_tgkill, ::getpid(), own_thread(), signal);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::syscall(SYS_exit_group, 128 + signal);
}

/// Only one crash is reported. Any other thread that crashes, including the reporter's, waits for
/// the end.
void on_fatal(int signal, siginfo_t* info, void* context) {
    const int error = errno;
    const pid_t thread = own_thread();
    pid_t nobody = 0;
    if (shared.owner.compare_exchange_strong(nobody, thread)) {
        describe(shared.what, signal, *info);
        take_frames(shared.what, interrupted_at(context));
        if (!reported_by_another())
            write_crash_plainly(STDERR_FILENO, shared.what);
        if (const auto call = shared.last_act.load())
            call(shared.last_context);
    } else if (nobody != thread) {
        if (is_reporter())
            lose_reporter();
        for (int i = 0; i < 2 * patience; ++i)
            pause_a_moment();
    }
    errno = error;
    let_it_end(signal, info->si_code <= 0);
}

bool left_to_a_sanitizer() noexcept {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
    const char* const options = std::getenv("ASAN_OPTIONS");
    return !options || !std::strstr(options, "handle_segv=0");
#else
    return false;
#endif
}

} // namespace

fatal_signals::fatal_signals() {
    if (left_to_a_sanitizer())
        return;
    void* warm_up[1];
    ::backtrace(warm_up, 1); // loads the unwinder now: the handler must not
    stack_.emplace();
    struct sigaction ours{};
    ours.sa_sigaction = on_fatal;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigfillset(&ours.sa_mask);
    for (std::size_t i = 0; i < fatal.size(); ++i) {
        ::sigaction(fatal[i], nullptr, &shared.before[i]);
        if (shared.before[i].sa_handler == SIG_DFL)
            ::sigaction(fatal[i], &ours, nullptr);
    }
}

fatal_signals::~fatal_signals() {
    if (!stack_)
        return;
    for (std::size_t i = 0; i < fatal.size(); ++i)
        if (shared.before[i].sa_handler == SIG_DFL)
            ::sigaction(fatal[i], &shared.before[i], nullptr);
}

void fatal_signals::at_last(last_act call, const void* context) noexcept {
    shared.last_act = nullptr; // so that no call gets the context of another function
    shared.last_context = context;
    shared.last_act = call;
}

crash_reporter::crash_reporter(pthread_t thread, int wake_up) {
    shared.reporter = thread;
    shared.wake_up = wake_up;
    shared.has_reporter = true;
}

crash_reporter::~crash_reporter() {
    shared.has_reporter = false;
}

const crash* crash_reporter::pending() noexcept {
    return shared.report == stage::waits ? &shared.what : nullptr;
}

void crash_reporter::done() noexcept {
    shared.report = stage::made;
}

} // namespace aio::app
