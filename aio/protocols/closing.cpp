#include <aio/net/closing.hpp>
#include <aio/protocols/closing.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::protocols {

// A stop need not wait until the peer has read everything: the system delivers what is left of a
// closed connection.
base::duration limit_of_close(net::close_wait what, stage now, base::duration linger) noexcept {
    return now == stage::serving ? net::limit_of_close(what, linger) : linger;
}

base::duration rest_of_close(net::close_wait what, base::duration linger) noexcept {
    return what == net::close_wait::peer_end ? std::min(hurried_linger, linger) : linger;
}

std::string text_of_wait(const std::string& who, net::close_wait what, std::size_t unconfirmed) {
    switch (what) {
    case net::close_wait::close_notify:
        return who + " waits for its peer to read, so that it can send the end of TLS";
    case net::close_wait::delivery:
        if (unconfirmed == 0)
            return who + " waits for its peer to receive what is left";
        return fmt::format("{} waits for its peer to receive the last {} bytes", who, unconfirmed);
    case net::close_wait::peer_end:
        return who + " waits for its peer to close";
    case net::close_wait::nothing:
        break;
    }
    return who + " waits for its protocol to close it";
}

} // namespace aio::protocols
