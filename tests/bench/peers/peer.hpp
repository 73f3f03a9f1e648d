#pragma once

// What every peer program does before it serves: read its port, lift the limit of open files.

#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace peer {

inline void raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// The port to serve on 127.0.0.1, from `PROGRAM PORT`; ends the process with 2 if there is none.
inline std::uint16_t port_of(int argc, char** argv) {
    const long port = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 0;
    if (port < 1 || port > 65535) {
        std::fprintf(stderr, "usage: %s PORT\n", argv[0]);
        std::exit(2);
    }
    raise_descriptor_limit();
    return static_cast<std::uint16_t>(port);
}

} // namespace peer
