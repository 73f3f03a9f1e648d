#include <aio/async/aborted.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/bean/line_reader.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <stdexcept>
#include <utility>

namespace aio::bean {

namespace asio = boost::asio;

namespace {

/// Until there is something to read. A plain file, which cannot be waited for, always has.
task<void> wait_readable(asio::posix::stream_descriptor& from) {
    const auto [failed] = co_await from.async_wait(
        asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable)
    );
    if (failed && failed != asio::error::operation_not_supported)
        throw boost::system::system_error(failed);
}

} // namespace

line_reader::~line_reader() = default;

task<void> line_reader::run() {
    const int fd = ::fcntl(descriptor(), F_DUPFD_CLOEXEC, 3);
    if (fd < 0 && errno == EBADF)
        co_return; // a closed descriptor counts as empty
    if (fd < 0)
        throw base::system_failure(errno, "standard input");
    asio::posix::stream_descriptor from(co_await asio::this_coro::executor, fd);
    std::array<char, 16384> chunk;
    while (co_await ready(wait_readable(from))) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            throw base::system_failure(errno, "standard input");
        if (got == 0)
            break;
        if (got > 0)
            buffer_.append(chunk.data(), static_cast<std::size_t>(got));
        co_await take_lines();
    }
    if (!buffer_.empty() && !enough_)
        co_await on_line(std::move(buffer_));
}

// A stop cancels only the wait for input: no line that was read is lost.
task<bool> line_reader::ready(task<void> waiting) {
    if (enough_)
        co_return false;
    try {
        co_await reading_.run(std::move(waiting), "standard input");
    } catch (...) {
        if (!enough_ || !async::is_aborted(std::current_exception()))
            throw;
    }
    co_return !enough_;
}

task<void> line_reader::take_lines() {
    std::size_t begin = 0;
    for (std::size_t end; (end = buffer_.find('\n', std::max(begin, searched_))) != buffer_.npos;
         begin = end + 1)
        co_await on_line(buffer_.substr(begin, end - begin));
    buffer_.erase(0, begin);
    searched_ = buffer_.size();
    if (searched_ > longest_line())
        throw std::length_error(
            fmt::format("a line of standard input is longer than {} bytes", longest_line())
        );
}

task<void> line_reader::on_stop(signal) {
    enough_ = true;
    reading_.cancel(asio::cancellation_type::terminal);
    co_return;
}

} // namespace aio::bean
