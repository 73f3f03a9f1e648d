#include <aio/app/write_text.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace aio::app {
namespace {

/// The number of bytes that a ready pipe takes at once.
constexpr std::size_t piece = 512;

} // namespace

int write_text(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept {
    while (!text.empty()) {
        pollfd out{fd, POLLOUT, 0};
        const int ready = ::poll(&out, 1, static_cast<int>(patience.count()));
        if (ready == 0)
            return EAGAIN;
        const ssize_t n = ready < 0 ? -1 : ::write(fd, text.data(), std::min(text.size(), piece));
        if (n < 0 && errno != EINTR)
            return errno;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    }
    return 0;
}

} // namespace aio::app
