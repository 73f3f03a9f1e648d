#pragma once

// What the kernel has set for the other end of a connection, when that is in this process, too.

#include "peer.hpp"

#include <sys/resource.h>

namespace support {

/// An integer option of the socket that is connected to `near`; -1: it is not there.
inline int accepted_option(const peer& near, int level, int name) {
    const aio::net::address wanted = aio::net::local_address(near.fd());
    ::rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    for (int fd = 0; fd < static_cast<int>(std::min<rlim_t>(files.rlim_cur, 4096)); ++fd) {
        int value = -1;
        ::socklen_t size = sizeof value;
        if (aio::net::peer_address(fd).text() == wanted.text() &&
            ::getsockopt(fd, level, name, &value, &size) == 0)
            return value;
    }
    return -1;
}

} // namespace support
