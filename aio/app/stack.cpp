#include <aio/app/stack.hpp>
#include <aio/app/stack_text.hpp>

#include <execinfo.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#endif

#include <cerrno>
#include <csignal>
#include <tuple>
#include <utility>

namespace aio::app {
namespace {

constexpr int most_frames = 48;

int stack_signal() {
    return SIGRTMIN + 3;
}

// By the steady clock: the wall clock may be set back meanwhile.
bool wait(sem_t& done) {
    timespec until{};
    ::clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 100'000'000;
    until.tv_sec += until.tv_nsec / 1'000'000'000;
    until.tv_nsec %= 1'000'000'000;
    int failed = 0;
    do
        failed = ::sem_clockwait(&done, CLOCK_MONOTONIC, &until);
    while (failed != 0 && errno == EINTR);
    return failed == 0;
}

} // namespace

/// Travels to the handler as the signal's value: no global state. The handler's last act is to
/// post `done`; nothing of it is freed before.
struct stack_reader::request {
    void* frames[most_frames];
    int count = 0;
    sem_t done;

    request() { ::sem_init(&done, 0, 0); }

    request(const request&) = delete;
    request& operator=(const request&) = delete;

    ~request() { ::sem_destroy(&done); }

    /// The handler sees what was written before its signal was sent; the thread sanitizer does not
    /// know that.
    void sent() {
#if __has_feature(thread_sanitizer)
        __tsan_release(this);
#endif
    }

    void received() {
#if __has_feature(thread_sanitizer)
        __tsan_acquire(this);
#endif
    }
};

void stack_reader::record(int, siginfo_t* info, void*) {
    if (info->si_code != SI_QUEUE || info->si_pid != ::getpid())
        return;
    const int before = errno;
    auto* wanted = static_cast<request*>(info->si_value.sival_ptr);
    wanted->received();
    wanted->count = ::backtrace(wanted->frames, most_frames);
    ::sem_post(&wanted->done);
    errno = before;
}

stack_reader::stack_reader() {
    void* warm_up[1];
    ::backtrace(warm_up, 1); // loads libgcc now: the handler must not
    struct sigaction action{};
    action.sa_sigaction = record;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigfillset(&action.sa_mask);
    ::sigaction(stack_signal(), &action, nullptr);
}

/// A thread that has not answered yet may still answer, so its request is kept.
stack_reader::~stack_reader() {
    for (auto& request : late_)
        if (::sem_trywait(&request->done) != 0)
            std::ignore = request.release();
}

std::string stack_reader::stack_of(pthread_t thread) {
    std::erase_if(late_, [](const auto& answer) { return ::sem_trywait(&answer->done) == 0; });
    auto wanted = std::make_unique<request>();
    sigval value{};
    value.sival_ptr = wanted.get();
    wanted->sent();
    if (::pthread_sigqueue(thread, stack_signal(), value) != 0)
        return {};
    if (!wait(wanted->done)) {
        late_.push_back(std::move(wanted));
        return {};
    }
    std::vector<frame> all;
    for (int i = 2; i < wanted->count; ++i) // the handler and the kernel's trampoline
        all.push_back(find_frame(wanted->frames[i]));
    return stack_text(all);
}

} // namespace aio::app
