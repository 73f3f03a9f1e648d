#pragma once

// A connected datagram socket that never blocks, never raises SIGPIPE and finds its peer again
// after that was restarted.

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace aio::log {

struct datagram_target {
    sockaddr_storage address{};
    socklen_t size = 0;
    std::string name; ///< for messages
};

/// Throws std::system_error when the path is too long.
datagram_target unix_target(const std::string& path);
/// Resolves, which may take a while. Throws std::system_error.
datagram_target udp_target(const std::string& host, std::uint16_t port);

class datagram_socket {
  public:
    /// Throws std::system_error when nobody is there.
    explicit datagram_socket(datagram_target to);
    datagram_socket(const datagram_socket&) = delete;
    datagram_socket& operator=(const datagram_socket&) = delete;
    ~datagram_socket();

    /// 0 or an errno; EAGAIN when the receiver does not keep up.
    int send(std::string_view data) noexcept;
    /// Sends a sealed memory file that holds the data: the journal's way for what is too large.
    int send_as_file(std::string_view data) noexcept;

  private:
    int connect() noexcept;
    int try_send(std::string_view data) const noexcept;

    datagram_target to_;
    int fd_ = -1;
    std::chrono::steady_clock::time_point tried_;
};

} // namespace aio::log
