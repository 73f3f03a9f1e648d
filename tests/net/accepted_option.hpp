#pragma once

// What the kernel has set for the other end of a connection, when that is in this process, too.

#include "peer.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace support {

/// The socket that is connected to `near`; -1: it is not there.
inline int accepted_descriptor(const peer& near) {
    const aio::net::address wanted = aio::net::local_address(near.fd());
    ::rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    for (int fd = 0; fd < static_cast<int>(std::min<rlim_t>(files.rlim_cur, 4096)); ++fd)
        if (aio::net::peer_address(fd) == wanted)
            return fd;
    return -1;
}

/// An integer option of that socket; -1: it is not there.
inline int accepted_option(const peer& near, int level, int name) {
    int value = -1;
    ::socklen_t size = sizeof value;
    if (::getsockopt(accepted_descriptor(near), level, name, &value, &size) != 0)
        return -1;
    return value;
}

} // namespace support
