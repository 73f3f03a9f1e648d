#include <aio/base/write_text.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/error.hpp>
#include <aio/net/file_part.hpp>
#include <aio/net/gathered.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/net/wire.hpp>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace aio::net {

namespace {

/// What is joined: a record of TLS.
constexpr std::size_t record_size = 16384;
using record = std::array<std::byte, record_size>;

constexpr std::size_t most_pieces = 64;
/// A file on a slow disk holds up the loop while it is read.
constexpr std::uint64_t most_at_once = 512 * 1024;

std::error_code system_error(int number) noexcept {
    return {number, std::system_category()};
}

/// Fills `into` from the part of a file.
outcome read_part(const file_part& part, std::span<std::byte> into) noexcept {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(part.size, into.size()));
    outcome made;
    while (made.size < most) {
        const auto count = ::pread(
            part.file,
            into.data() + made.size,
            most - made.size,
            static_cast<::off_t>(part.offset + made.size)
        );
        if (count > 0)
            made.size += static_cast<std::size_t>(count);
        else if (count == 0)
            made.error = make_error_code(errc::short_file);
        else if (errno != EINTR)
            made.error = system_error(errno);
        if (made.error)
            break;
    }
    return made;
}

} // namespace

outcome connection::send(std::span<const bytes> pieces) noexcept {
    const bytes& first = pieces.front();
    if (pieces.size() == 1 || first.size() >= record_size)
        return send(std::span<const std::byte>(first));
    if (fd_ >= 0 && !tls_)
        return sent(send_pieces(pieces), false);
    record joined;
    return send(std::span<const std::byte>(joined).first(join(pieces, joined)));
}

outcome connection::send_pieces(std::span<const bytes> pieces) noexcept {
    std::array<::iovec, most_pieces> vectors;
    const std::size_t count = std::min(pieces.size(), most_pieces);
    for (std::size_t i = 0; i < count; ++i)
        vectors[i] = {const_cast<std::byte*>(pieces[i].data()), pieces[i].size()};
    ::msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    for (;;) {
        const auto size = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
        outcome made;
        if (size >= 0)
            made.size = static_cast<std::size_t>(size);
        else if (errno == EINTR)
            continue;
        else if (errno != EAGAIN)
            made.error = system_error(errno);
        else
            made.later = !(made.error = want_out());
        return made;
    }
}

void connection::abandon(std::span<const bytes> rest) noexcept {
    if (!in_record() || rest.empty())
        return;
    record joined;
    if (rest.front().size() >= record_size)
        abandon(std::span<const std::byte>(rest.front()));
    else
        abandon(std::span<const std::byte>(joined).first(join(rest, joined)));
}

outcome connection::send(const file_part& part) noexcept {
    if (fd_ < 0 || tls_)
        return copy_file(part);
    const base::no_pipe_signal quiet;
    auto position = static_cast<::off_t>(part.offset);
    const auto most = static_cast<std::size_t>(std::min(part.size, most_at_once));
    for (;;) {
        const auto count = ::sendfile(fd_, part.file, &position, most);
        outcome made;
        if (count > 0)
            made.size = static_cast<std::size_t>(count);
        else if (count == 0)
            made.error = make_error_code(errc::short_file);
        else if (errno == EINTR)
            continue;
        else if (errno == EINVAL || errno == ENOSYS)
            return copy_file(part); // of a file system that cannot
        else if (errno != EAGAIN)
            made.error = system_error(errno);
        else
            made.later = !(made.error = want_out());
        made.of_file = made.error && made.error.value() != EPIPE && !hung_up();
        return sent(made, false);
    }
}

outcome connection::copy_file(const file_part& part) noexcept {
    record copy;
    outcome got = read_part(part, copy);
    got.of_file = bool(got.error);
    return got.error ? got : send(std::span<const std::byte>(copy).first(got.size));
}

void connection::abandon(const file_part& rest) noexcept {
    if (!in_record())
        return;
    record copy;
    const outcome got = read_part(rest, copy);
    abandon(std::span<const std::byte>(copy).first(got.size));
}

} // namespace aio::net
