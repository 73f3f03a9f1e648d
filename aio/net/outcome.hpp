#pragma once

#include <cstddef>
#include <system_error>

namespace aio::net {

/// The result of a receive or send.
struct outcome {
    std::size_t size = 0;
    std::error_code error;
    bool later = false;   ///< not now: an event will tell when
    bool end = false;     ///< receive: the peer sends no more
    bool of_file = false; ///< send: the file has failed, and not the network

    bool done() const noexcept { return size != 0; }
};

} // namespace aio::net
