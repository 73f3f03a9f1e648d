#include <aio/app/stack.hpp>
#include <aio/base/demangle.hpp>

#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <semaphore.h>
#include <time.h>

#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#endif

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace aio::app {
namespace {

constexpr int most_frames = 48;

/// Travels to the handler as the signal's value: no global state. Kept alive by both sides, since
/// an answer may come after we have given up waiting.
struct request {
    std::atomic<int> owners{2};
    void* frames[most_frames];
    int count = 0;
    sem_t done;

    request() { ::sem_init(&done, 0, 0); }

    void release() {
        if (owners.fetch_sub(1) == 1) {
            ::sem_destroy(&done);
            std::free(this);
        }
    }
};

/// What was written before a signal is sent is seen by its handler; the thread sanitizer does not
/// know that.
void sent([[maybe_unused]] request* one) {
#if __has_feature(thread_sanitizer)
    __tsan_release(one);
#endif
}

void received([[maybe_unused]] request* one) {
#if __has_feature(thread_sanitizer)
    __tsan_acquire(one);
#endif
}

int stack_signal() {
    return SIGRTMIN + 3;
}

void record(int, siginfo_t* info, void*) {
    if (info->si_code != SI_QUEUE || info->si_pid != ::getpid())
        return;
    auto* wanted = static_cast<request*>(info->si_value.sival_ptr);
    received(wanted);
    wanted->count = ::backtrace(wanted->frames, most_frames);
    ::sem_post(&wanted->done);
    wanted->release();
}

void install() {
    void* warm_up[1];
    ::backtrace(warm_up, 1); // loads libgcc now: the handler must not
    struct sigaction action{};
    action.sa_sigaction = record;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigfillset(&action.sa_mask);
    ::sigaction(stack_signal(), &action, nullptr);
}

std::string render(void* address) {
    Dl_info info{};
    if (::dladdr(address, &info) == 0 || !info.dli_fname)
        return fmt::format("    {}\n", address);
    const auto offset = static_cast<char*>(address) - static_cast<char*>(info.dli_fbase);
    std::string where = fmt::format("{}+{:#x}", info.dli_fname, offset);
    if (!info.dli_sname)
        return fmt::format("    {}\n", where);
    return fmt::format("    {} ({})\n", base::demangle(info.dli_sname), where);
}

bool wait(sem_t& done) {
    timespec until{};
    ::clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100'000'000;
    until.tv_sec += until.tv_nsec / 1'000'000'000;
    until.tv_nsec %= 1'000'000'000;
    return ::sem_timedwait(&done, &until) == 0;
}

} // namespace

std::string stack_of(pthread_t thread) {
    install();
    auto* wanted = new (std::malloc(sizeof(request))) request;
    sigval value{};
    value.sival_ptr = wanted;
    std::string text;
    sent(wanted);
    if (::pthread_sigqueue(thread, stack_signal(), value) != 0)
        wanted->release(); // nobody will answer
    else if (wait(wanted->done))
        for (int i = 2; i < wanted->count; ++i) // the handler and the kernel's trampoline
            text += render(wanted->frames[i]);
    wanted->release();
    return text;
}

} // namespace aio::app
