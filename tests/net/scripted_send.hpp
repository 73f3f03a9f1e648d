#pragma once

// sendto(2) and sendmsg(2) fail as a test wants them to; sendmsg(2) and send(2) take less than they
// could. The library under test finds this program's functions before those of libc. In one file of
// a program.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace test {

/// What a send from this descriptor fails with; 0: it does not.
using send_script = std::function<int(int fd)>;

inline send_script current_send_script;

/// As long as this lives. For one thread.
struct scripted_send {
    explicit scripted_send(send_script script) { current_send_script = std::move(script); }

    scripted_send(const scripted_send&) = delete;
    scripted_send& operator=(const scripted_send&) = delete;

    ~scripted_send() { current_send_script = nullptr; }
};

inline bool send_fails(int fd) {
    const int error = current_send_script ? current_send_script(fd) : 0;
    errno = error != 0 ? error : errno;
    return error != 0;
}

struct short_sends;
inline short_sends* current_short_sends = nullptr;

/// As long as this lives, one send from the descriptor takes `most` bytes at most. For one thread.
struct short_sends {
    short_sends(int fd_, std::size_t most_) : fd(fd_), most(most_) { current_short_sends = this; }

    short_sends(const short_sends&) = delete;
    short_sends& operator=(const short_sends&) = delete;

    ~short_sends() { current_short_sends = nullptr; }

    int fd;
    std::size_t most;
    int count = 0; ///< of the sends
};

inline std::size_t taken(int fd, std::size_t size) {
    if (!current_short_sends || current_short_sends->fd != fd)
        return size;
    ++current_short_sends->count;
    return std::min(size, current_short_sends->most);
}

} // namespace test

extern "C" __attribute__((visibility("default"))) ssize_t
send(int fd, const void* data, size_t size, int flags) {
    return ::syscall(SYS_sendto, fd, data, test::taken(fd, size), flags, nullptr, 0);
}

extern "C" __attribute__((visibility("default"))) ssize_t
sendto(int fd, const void* data, size_t size, int flags, const ::sockaddr* to, ::socklen_t length) {
    if (test::send_fails(fd))
        return -1;
    return ::syscall(SYS_sendto, fd, data, size, flags, to, length);
}

extern "C" __attribute__((visibility("default"))) ssize_t
sendmsg(int fd, const ::msghdr* message, int flags) {
    if (test::send_fails(fd))
        return -1;
    std::vector<::iovec> pieces(message->msg_iov, message->msg_iov + message->msg_iovlen);
    std::size_t size = 0;
    for (const ::iovec& piece : pieces)
        size += piece.iov_len;
    std::size_t left = test::taken(fd, size);
    for (::iovec& piece : pieces)
        left -= piece.iov_len = std::min(piece.iov_len, left);
    ::msghdr part = *message;
    part.msg_iov = pieces.data();
    return ::syscall(SYS_sendmsg, fd, &part, flags);
}
