#include <aio/process/output.hpp>

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace aio::process {

namespace {

// Read in one turn: about a hundred lines.
constexpr std::size_t portion = 8'192;

} // namespace

output::output(
    async::loop& home, base::descriptor pipe, line_cutter::sink sink, net::gate::held counted
)
    : poller_(net::poller::of(home)), pipe_(std::move(pipe)), counted_(std::move(counted)),
      lines_(std::move(sink)) {
    poller_.add(pipe_.get(), *this, EPOLLIN);
}

output::~output() {
    close();
}

void output::ready(std::uint32_t) {
    if (take(portion) != 0)
        return;
    close();
    lines_.end();
}

std::ptrdiff_t output::take(std::size_t most) {
    std::array<char, portion> buffer;
    const ssize_t got = ::read(pipe_.get(), buffer.data(), std::min(most, buffer.size()));
    if (got > 0)
        lines_.take({buffer.data(), static_cast<std::size_t>(got)});
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        return 0;
    return got;
}

void output::finish() {
    if (!pipe_)
        return;
    int left = 0;
    ::ioctl(pipe_.get(), FIONREAD, &left);
    while (left > 0) {
        const std::ptrdiff_t got = take(static_cast<std::size_t>(left));
        if (got <= 0)
            break;
        left -= static_cast<int>(got);
    }
    close();
    lines_.end();
}

void output::close() noexcept {
    if (!pipe_)
        return;
    counted_.release();
    poller_.close(pipe_.release());
}

} // namespace aio::process
