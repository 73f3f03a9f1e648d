#pragma once

// sendto(2) and sendmsg(2) fail as a test wants them to. The library under test finds this
// program's functions before those of libc. In one file of a program.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

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

} // namespace test

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
    return ::syscall(SYS_sendmsg, fd, message, flags);
}
