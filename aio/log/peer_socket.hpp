#pragma once

// Connected sockets of the kinds that log services have, and how a stream carries records.

#include <aio/base/descriptor.hpp>
#include <aio/log/host_lookup.hpp>

#include <string>
#include <string_view>

namespace aio::log {

enum class socket_kinds {
    datagram,
    any, ///< a stream or a socket of packets, too, when a unix socket is no datagram socket
};

struct peer_socket {
    base::descriptor file; ///< empty: `error` says why
    bool stream = false;
    int error = 0;
};

/// The socket never blocks.
peer_socket connect_to(const datagram_target& peer, socket_kinds allowed) noexcept;

/// Sends records over a stream, each with a NUL at its end, as Python does. A record that the
/// receiver takes in part is completed before the next one.
class record_stream {
  public:
    /// 0 or an errno; EAGAIN when the receiver does not keep up.
    int send(int fd, std::string_view text) noexcept;

    /// For another connection.
    void reset() noexcept { rest_.clear(); }

  private:
    std::string rest_;
};

} // namespace aio::log
