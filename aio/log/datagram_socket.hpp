#pragma once

// A connected datagram socket that never blocks, never raises SIGPIPE, and connects again when its
// peer comes back. A peer that is not there yet is not an error: the socket tries again, each time
// after a longer pause.

#include <aio/base/api.hpp>
#include <aio/log/host_lookup.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace aio::log {

/// Throws std::system_error when the path is too long, or when its folder does not exist.
AIO_API datagram_target unix_target(const std::string& path);

class AIO_API datagram_socket {
  public:
    using clock = std::chrono::steady_clock;

    explicit datagram_socket(datagram_target peer);
    /// Starts the lookup of the host, and waits for the answer for one second at most.
    datagram_socket(std::string host, std::uint16_t port);
    datagram_socket(const datagram_socket&) = delete;
    datagram_socket& operator=(const datagram_socket&) = delete;
    ~datagram_socket();

    /// "/dev/log", "logs.example:514".
    const std::string& name() const noexcept { return to_.name; }

    /// Empty when the last send reached the peer; otherwise the reason why it did not.
    const std::string& away() const noexcept { return away_; }

    /// 0 or an errno; EAGAIN when the receiver does not keep up. ENOTCONN: away() says why.
    int send(std::string_view data) noexcept;
    /// Sends a sealed memory file that holds the data: the way of the journal for large records.
    int send_as_file(std::string_view data) noexcept;

  private:
    void connect() noexcept;
    void open() noexcept;
    bool find();
    int try_send(std::string_view data) noexcept;
    void lose(int error) noexcept;

    datagram_target to_;
    std::string host_; ///< empty: to_ is known from the beginning
    std::uint16_t port_ = 0;
    std::unique_ptr<host_lookup> lookup_;
    int fd_ = -1;
    std::string away_;
    clock::time_point next_try_;
    clock::duration pause_{};
};

} // namespace aio::log
