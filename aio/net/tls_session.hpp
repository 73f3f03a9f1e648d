#pragma once

// TLS on one connection: OpenSSL between the calls of the connection and its socket.

#include <aio/base/api.hpp>
#include <aio/net/certificate.hpp>
#include <aio/net/connection.hpp>
#include <aio/net/tls_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

struct bio_st;
struct ssl_session_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace aio::net {

class AIO_API tls_session {
  public:
    /// A peer may send so many bytes without any data for the application: empty records, requests
    /// for new keys, the handshake. Then the connection fails with errc::no_data.
    static constexpr std::uint32_t most_without_data = 256 * 1024;

    /// `name`: for a client, the host name or the address that the server's certificate has to be
    /// for. The server is told a host name, and no address (RFC 6066). The dot at the end of a name
    /// and the interface of an address do not count. `server`: by this name the sessions of the
    /// server are kept for later connections; empty: none is kept or resumed.
    /// Throws: base::mistake when a client has no name, or one that no certificate can have.
    explicit tls_session(
        std::shared_ptr<const tls_context> rules,
        const std::string& name = {},
        std::string server = {}
    );
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;
    ~tls_session();

    /// Returns done() when both sides have agreed; otherwise `later`, or an error.
    outcome handshake(connection& over) noexcept;
    outcome receive(connection& over, std::span<std::byte> into) noexcept;
    /// Sends at most one record. After `later`, the next call has to begin with the same data (more
    /// may follow), or abandon() has to come first.
    outcome send(connection& over, std::span<const std::byte> data) noexcept;
    /// The caller gives up `rest`, whose last send returned `later`. The record that OpenSSL has
    /// begun is kept here and is sent before anything else. When `rest` is less than that record,
    /// since the caller cannot tell it any more, the session has failed.
    void abandon(std::span<const std::byte> rest) noexcept;

    /// A record has been begun, and its end waits for room.
    bool in_record() const noexcept { return begun_ != 0; }

    /// Sends the end of this side, if the handshake is done and nothing has failed. Returns false
    /// when there is no room to send it: call it again.
    bool shutdown(connection& over) noexcept;

    /// True when shutdown() has nothing left to do.
    bool said_end() const noexcept { return said_end_ || failed_; }

    std::string_view version() const noexcept;
    std::string peer() const;
    certificate peer_certificate() const;
    /// The application protocol that was chosen; empty: none.
    std::string_view alpn() const noexcept;
    /// The handshake was a short one, with a session of an earlier connection.
    bool resumed() const noexcept;
    /// Why the handshake failed, in words: what is wrong with the certificate of the peer, else
    /// what `code` means.
    std::string why(const std::error_code& code) const;

    const tls_context& rules() const noexcept { return *by_; }

    /// The time of the loop, during a call.
    base::duration now() const noexcept { return over_->on().home().now().time_since_epoch(); }

    /// The peer's certificate was refused.
    bool distrusts() const noexcept { return !fault_.empty(); }

  private:
    friend class tls_context;
    static int bio_write(::bio_st* bio, const char* data, std::size_t size, std::size_t* done);
    static int bio_read(::bio_st* bio, char* into, std::size_t size, std::size_t* done);
    static long bio_control(::bio_st* bio, int command, long number, void* pointer);
    static int on_verify(int good, ::x509_store_ctx_st* verification) noexcept;
    static int on_new_session(::ssl_st* ssl, ::ssl_session_st* session) noexcept;

    /// The peer sends, and there is no end of what is no data.
    bool is_flooded() const noexcept { return idle_bytes_ > most_without_data; }

    bool is_stranger(::x509_store_ctx_st* verification) const;
    void resume_earlier();
    void keep_resumed() noexcept;
    void expect(const std::string& name);
    outcome result(connection& over, int returned, std::size_t size) noexcept;
    outcome send_record(connection& over, std::span<const std::byte> data) noexcept;
    outcome send_abandoned(connection& over) noexcept;
    /// The alert of a peer that has told why it refuses, and then cut the connection: a send hears
    /// only of the cut. None: it has told nothing. receive() tells of it, too.
    std::error_code refusal_behind(connection& over) noexcept;

    std::shared_ptr<const tls_context> by_;
    ::ssl_st* ssl_ = nullptr;
    connection* over_ = nullptr; ///< during a call
    std::vector<std::byte> abandoned_;
    std::string name_;             ///< of the server; a client's
    std::string server_;           ///< whose sessions are resumed
    std::string fault_;            ///< what is wrong with the peer's certificate
    std::error_code refusal_;      ///< the alert that refusal_behind() has found
    std::uint16_t begun_ = 0;      ///< bytes of the send that said `later`
    std::uint32_t idle_bytes_ = 0; ///< received since the last data for the application
    bool failed_ = false;
    bool said_end_ = false;
};

} // namespace aio::net
