#include <aio/base/nowhere.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <utility>

namespace aio::base {

namespace {

enum class end { read, write };

// The other end is closed.
descriptor end_of_pipe(end kept) noexcept {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return {};
    descriptor read(ends[0]), write(ends[1]);
    return std::move(kept == end::read ? read : write);
}

descriptor open_null(int flags, end instead) noexcept {
    descriptor opened(::open("/dev/null", flags | O_CLOEXEC));
    return opened ? std::move(opened) : end_of_pipe(instead);
}

} // namespace

descriptor no_input() noexcept {
    return open_null(O_RDONLY, end::read);
}

descriptor no_output() noexcept {
    return open_null(O_WRONLY, end::write);
}

descriptor refused_output() noexcept {
    return descriptor(::open("/", O_PATH | O_CLOEXEC));
}

bool is_refused_output(int output) noexcept {
    const int flags = ::fcntl(output, F_GETFL);
    return flags >= 0 && (flags & O_PATH) != 0;
}

bool leads_nowhere(int output) noexcept {
    struct stat now{};
    if (::fstat(output, &now) != 0 || is_refused_output(output))
        return true;
    if (S_ISREG(now.st_mode))
        return now.st_nlink == 0;
    if (S_ISCHR(now.st_mode))
        return now.st_rdev == makedev(1, 3); // /dev/null
    pollfd asked{output, POLLOUT, 0};
    return S_ISFIFO(now.st_mode) && ::poll(&asked, 1, 0) == 1 && (asked.revents & POLLERR) != 0;
}

} // namespace aio::base
