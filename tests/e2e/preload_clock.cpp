// Loaded before the C library: another wall clock for the program it is loaded into, which a test
// can set while the program runs.
//
// $TEST_WALL_CLOCK is a file of eight bytes: by how many nanoseconds the wall clock is ahead.
// Whoever writes to it sets the clock. A timer that waits for such a change
// (TFD_TIMER_CANCEL_ON_SET) is an inotify descriptor of this file, whose read() fails as that of
// the timer does.
//
// System calls only: a sanitizer may ask for the time before it is ready for calls of the C
// library.

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr int most_timers = 64;

std::atomic<int> timers[most_timers]; // descriptor + 1

const char* path() {
    return ::getenv("TEST_WALL_CLOCK");
}

const std::int64_t* shared() {
    if (!path())
        return nullptr;
    const long file = ::syscall(SYS_openat, AT_FDCWD, path(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return nullptr;
    const long at = ::syscall(SYS_mmap, nullptr, 8UL, PROT_READ, MAP_SHARED, file, 0L);
    ::syscall(SYS_close, file);
    return at == -1 ? nullptr : reinterpret_cast<const std::int64_t*>(at);
}

std::int64_t ahead() {
    static const std::int64_t* const file = shared();
    return file ? *static_cast<const volatile std::int64_t*>(file) : 0;
}

bool is_timer(int fd) {
    for (const auto& each : timers)
        if (each.load() == fd + 1)
            return true;
    return false;
}

void note_timer(int fd) {
    for (auto& each : timers) {
        int none = 0;
        if (each.compare_exchange_strong(none, fd + 1))
            return;
    }
}

} // namespace

#pragma GCC visibility push(default)

extern "C" {

int clock_gettime(clockid_t which, struct timespec* out) {
    const auto result = static_cast<int>(::syscall(SYS_clock_gettime, which, out));
    if (result == 0 && which == CLOCK_REALTIME) {
        const std::int64_t all = out->tv_sec * second + out->tv_nsec + ahead();
        out->tv_sec = all / second;
        out->tv_nsec = all % second;
    }
    return result;
}

int timerfd_create(int which, int flags) {
    if (which != CLOCK_REALTIME || !path())
        return static_cast<int>(::syscall(SYS_timerfd_create, which, flags));
    const auto fd = static_cast<int>(::syscall(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC));
    if (fd >= 0 && ::syscall(SYS_inotify_add_watch, fd, path(), IN_MODIFY) >= 0)
        note_timer(fd);
    return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec* set, struct itimerspec* before) {
    if (!is_timer(fd))
        return static_cast<int>(::syscall(SYS_timerfd_settime, fd, flags, set, before));
    struct timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    constexpr char said[] = "preload_clock: a timer is set for a date that has passed\n";
    if (set->it_value.tv_sec <= now.tv_sec) [[maybe_unused]]
        const auto written = ::syscall(SYS_write, 2, said, sizeof said - 1);
    return 0;
}

ssize_t read(int fd, void* buffer, size_t size) {
    if (!is_timer(fd))
        return ::syscall(SYS_read, fd, buffer, size);
    char events[4096];
    if (::syscall(SYS_read, fd, events, sizeof events) > 0)
        errno = ECANCELED;
    return -1;
}
}

#pragma GCC visibility pop
