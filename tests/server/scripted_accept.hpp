#pragma once

// accept4(2) fails as a test wants it to. The library under test finds this program's accept4
// before that of libc. In one file of a program.

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <mutex>
#include <utility>

namespace test {

/// What accept4 of this descriptor fails with; 0: it does not. Called on any loop's thread.
using accept_script = std::function<int(int fd)>;

inline std::mutex accept_guard;
inline accept_script current_accept_script;

/// As long as this lives.
struct scripted_accept {
    explicit scripted_accept(accept_script script) { set(std::move(script)); }

    scripted_accept(const scripted_accept&) = delete;
    scripted_accept& operator=(const scripted_accept&) = delete;

    ~scripted_accept() { set(nullptr); }

  private:
    static void set(accept_script script) {
        const std::lock_guard lock(accept_guard);
        current_accept_script = std::move(script);
    }
};

inline int scripted_error(int fd) {
    accept_script script;
    {
        const std::lock_guard lock(accept_guard);
        script = current_accept_script;
    }
    return script ? script(fd) : 0;
}

} // namespace test

extern "C" __attribute__((visibility("default"))) int
accept4(int fd, ::sockaddr* address, ::socklen_t* size, int flags) {
    if (const int error = test::scripted_error(fd)) {
        errno = error;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_accept4, fd, address, size, flags));
}
