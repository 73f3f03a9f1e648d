#pragma once

// What the load generator was asked to do: `load MODE [--option value]... [-- COMMAND...]`.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct options {
    std::string mode;
    std::uint16_t port = 0;           ///< of the server, on 127.0.0.1
    std::size_t connections = 64;     ///< connections, slots or sockets kept busy at the same time
    std::size_t size = 64;            ///< bytes in a message; 0: none (churn)
    std::size_t outstanding = 1;      ///< messages a connection sends ahead of the answers
    double warmup = 0.5;              ///< seconds before the window
    double secs = 1.0;                ///< seconds of the window
    double settle = 1.0;              ///< seconds of silence before memory is read (idle)
    std::size_t runs = 7;             ///< how often a program is started (start)
    bool tls = false;                 ///< over TLS (echo)
    bool resume = false;              ///< with the session of the connection before (handshakes)
    pid_t server = 0;                 ///< whose processor time counts; 0: nobody's
    int core = -1;                    ///< the core the load runs on; -1: any
    std::vector<std::string> command; ///< the program to start (start, stop, serve)
};

/// Reads the command line; throws std::invalid_argument naming what is wrong.
options read_options(int argc, char** argv);

} // namespace bench
