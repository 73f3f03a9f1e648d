#pragma once

// recvfrom(2) and recvmsg(2) fail as a test wants them to. The library under test finds this
// program's functions before those of libc. In one file of a program.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

namespace test {

/// What a receive from this descriptor fails with; 0: it does not.
using receive_script = std::function<int(int fd)>;

inline receive_script current_receive_script;

/// As long as this lives. For one thread.
struct scripted_receive {
    explicit scripted_receive(receive_script script) { current_receive_script = std::move(script); }

    scripted_receive(const scripted_receive&) = delete;
    scripted_receive& operator=(const scripted_receive&) = delete;

    ~scripted_receive() { current_receive_script = nullptr; }
};

inline bool receive_fails(int fd) {
    const int error = current_receive_script ? current_receive_script(fd) : 0;
    errno = error != 0 ? error : errno;
    return error != 0;
}

} // namespace test

extern "C" __attribute__((visibility("default"))) ssize_t
recvfrom(int fd, void* into, size_t size, int flags, ::sockaddr* from, ::socklen_t* length) {
    if (test::receive_fails(fd))
        return -1;
    return ::syscall(SYS_recvfrom, fd, into, size, flags, from, length);
}

extern "C" __attribute__((visibility("default"))) ssize_t
recvmsg(int fd, ::msghdr* message, int flags) {
    if (test::receive_fails(fd))
        return -1;
    return ::syscall(SYS_recvmsg, fd, message, flags);
}
