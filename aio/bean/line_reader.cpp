#include <aio/bean/line_reader.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace aio::bean {

namespace asio = boost::asio;

namespace {

/// Until there is something to read. A plain file, which cannot be waited for, always has.
task<void> readable(asio::posix::stream_descriptor& from) {
    const auto [failed] = co_await from.async_wait(
        asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable)
    );
    if (failed && failed != asio::error::operation_not_supported)
        throw boost::system::system_error(failed);
}

} // namespace

task<void> line_reader::run() {
    const int fd = ::fcntl(descriptor(), F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        co_return; // closed: as if it were empty
    asio::posix::stream_descriptor from(co_await asio::this_coro::executor, fd);
    std::array<char, 16384> chunk;
    std::string buffer;
    for (;;) {
        co_await readable(from);
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            throw std::system_error(errno, std::system_category(), "standard input");
        if (got == 0)
            break;
        if (got > 0)
            buffer.append(chunk.data(), static_cast<std::size_t>(got));
        co_await take_lines(buffer);
    }
    if (!buffer.empty())
        co_await on_line(std::move(buffer));
}

task<void> line_reader::take_lines(std::string& buffer) {
    std::size_t begin = 0;
    for (std::size_t end; (end = buffer.find('\n', begin)) != buffer.npos; begin = end + 1)
        co_await on_line(buffer.substr(begin, end - begin));
    buffer.erase(0, begin);
}

} // namespace aio::bean
