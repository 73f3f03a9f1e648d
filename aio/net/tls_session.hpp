#pragma once

// TLS on one connection: OpenSSL between the connection's calls and its socket.

#include <aio/base/api.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/tls_context.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct bio_st;

namespace aio::net {

class AIO_API tls_session {
  public:
    /// `name`: for clients, the host name that is asked for and verified.
    explicit tls_session(std::shared_ptr<const tls_context> by, const std::string& name = {});
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;
    ~tls_session();

    /// done() when both sides agreed; later, or an error.
    outcome handshake(connection& over) noexcept;
    outcome receive(connection& over, std::span<std::byte> into) noexcept;
    outcome send(connection& over, std::span<const std::byte> data) noexcept;
    /// Says that our side has ended, when the handshake was done and nothing failed.
    void shutdown(connection& over) noexcept;

    std::string_view version() const noexcept;
    std::string peer() const;

  private:
    friend class tls_context;
    static int bio_write(::bio_st* bio, const char* data, std::size_t size, std::size_t* done);
    static int bio_read(::bio_st* bio, char* into, std::size_t size, std::size_t* done);
    static long bio_control(::bio_st* bio, int command, long number, void* pointer);

    outcome result(connection& over, int returned, std::size_t size) noexcept;

    std::shared_ptr<const tls_context> by_;
    ::ssl_st* ssl_ = nullptr;
    connection* over_ = nullptr; ///< during a call
    bool failed_ = false;
};

} // namespace aio::net
