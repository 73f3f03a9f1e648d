#include <aio/base/write_text.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>
#include <tuple>

namespace aio::base {
namespace {

/// The number of bytes that a ready pipe takes at once, and in one piece.
constexpr std::size_t piece = PIPE_BUF;

sigset_t only_pipe() noexcept {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGPIPE);
    return set;
}

} // namespace

no_pipe_signal::no_pipe_signal() noexcept {
    sigset_t pending;
    if (::sigpending(&pending) != 0 || ::sigismember(&pending, SIGPIPE) != 0)
        return;
    const sigset_t pipe = only_pipe();
    active_ = ::pthread_sigmask(SIG_BLOCK, &pipe, &before_) == 0;
}

no_pipe_signal::~no_pipe_signal() {
    if (!active_)
        return;
    const int error = errno;
    const sigset_t pipe = only_pipe();
    const timespec at_once{};
    while (::sigtimedwait(&pipe, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    std::ignore = ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
}

written write_text(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept {
    const no_pipe_signal quiet;
    const bool may_block = patience < std::chrono::milliseconds::zero();
    const std::size_t most = may_block ? text.size() : piece;
    written done;
    while (done.bytes < text.size()) {
        pollfd out{fd, POLLOUT, 0};
        const int ready = ::poll(&out, 1, static_cast<int>(patience.count()));
        if (ready == 0) {
            done.error = EAGAIN;
            break;
        }
        const std::string_view rest = text.substr(done.bytes);
        const ssize_t n = ready < 0 ? -1 : ::write(fd, rest.data(), std::min(rest.size(), most));
        if (n >= 0) {
            done.bytes += static_cast<std::size_t>(n);
        } else if (errno != EINTR && !(may_block && errno == EAGAIN)) {
            done.error = errno;
            break;
        }
    }
    return done;
}

} // namespace aio::base
