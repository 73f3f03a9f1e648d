#pragma once

// A connected socket for records, a datagram each, that never blocks, never raises SIGPIPE and
// finds its peer again after that was away. A peer that is not there yet is no error: it is looked
// for again, each time after a longer pause.

#include <aio/base/api.hpp>
#include <aio/log/host_lookup.hpp>
#include <aio/log/peer_socket.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

/// Throws std::system_error when the path is too long, or when its folder does not exist.
AIO_API datagram_target unix_target(const std::string& path);

class AIO_API datagram_socket {
  public:
    using clock = std::chrono::steady_clock;

    /// A unix socket. `now` tells the time. Throws as unix_target().
    explicit datagram_socket(
        const std::string& path,
        socket_kinds allowed = socket_kinds::datagram,
        clock::time_point (*now)() = clock::now
    );
    /// Each of `offers` is an address of the same peer. One is used until it fails, then the next.
    /// Messages call the peer `name`.
    datagram_socket(std::vector<datagram_target> offers, std::string name);
    /// Looks the host up, for a second at most before the constructor returns. It is looked up
    /// again when all of its addresses have failed, and each time `refresh` has passed: a host that
    /// has moved may leave no system behind that refuses what is sent.
    datagram_socket(
        std::string host, std::uint16_t port, clock::duration refresh = std::chrono::minutes(1)
    );
    datagram_socket(const datagram_socket&) = delete;
    datagram_socket& operator=(const datagram_socket&) = delete;
    ~datagram_socket();

    /// "/dev/log", "logs.example:514".
    const std::string& name() const noexcept { return name_; }

    /// Empty when the last send reached the peer; otherwise the reason why it did not.
    const std::string& away() const noexcept { return away_; }

    /// 0 or an errno; EAGAIN when the receiver does not keep up. ENOTCONN: away() says why.
    int send(std::string_view data) noexcept;
    /// Sends a sealed memory file that holds the data: the way of the journal for large records.
    int send_as_file(std::string_view data) noexcept;

  private:
    bool connect() noexcept;
    bool begin_round();
    bool find();
    bool open() noexcept;
    void next_offer();
    void look_again(clock::time_point now);
    void take(const std::vector<datagram_target>& found);
    int try_send(std::string_view data) noexcept;
    int taken() noexcept;
    int failed(int error) noexcept;
    void lose(int error) noexcept;
    void close() noexcept;

    std::vector<datagram_target> offers_; ///< none: they are to be looked up
    std::size_t current_ = 0;             ///< the offer that is used, or tried next
    std::size_t untried_ = 0;             ///< offers that this round has left
    std::string name_;
    std::string host_; ///< empty: the offers stay
    std::uint16_t port_ = 0;
    clock::duration refresh_{};
    clock::time_point looked_up_;
    std::unique_ptr<host_lookup> lookup_;
    socket_kinds allowed_ = socket_kinds::datagram;
    clock::time_point (*now_)() = clock::now;
    base::descriptor file_;
    bool is_stream_ = false;
    record_stream stream_;
    bool fresh_ = false;  ///< nothing was sent on the socket so far
    bool proven_ = false; ///< it has worked for a while
    std::string away_;
    clock::time_point connected_;
    clock::time_point next_try_; ///< of a round
    clock::duration pause_{};
};

} // namespace aio::log
