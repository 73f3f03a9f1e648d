#pragma once

// A connection through an HTTP proxy: the request CONNECT and what the proxy answers (RFC 9110,
// 9.3.6). Pure; net/connect does the rest.

#include <aio/base/api.hpp>
#include <aio/net/authority.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace aio::net {

/// A proxy as users write it: `http://proxy.example:3128`, `http://user:password@proxy.example:80`.
struct AIO_API http_proxy {
    authority at;
    std::string user; ///< empty: no credentials are sent
    std::string password;

    /// User and password may have %-escapes. No mistake repeats what stands before the '@'.
    static std::variant<http_proxy, target_mistake> parse(std::string_view text);

    /// `http://proxy.example:3128`: without the credentials.
    std::string text() const;

    friend bool operator==(const http_proxy&, const http_proxy&) = default;
};

/// The request for a tunnel to `wanted`.
/// Throws: std::invalid_argument when the host is none that a proxy can be asked for: it has blanks
/// or control characters, or the interface of an address.
AIO_API std::string tunnel_request(const authority& wanted, const http_proxy& proxy);

/// Reads the answer of a proxy. Takes no byte of what follows it.
class AIO_API tunnel_reply {
  public:
    static constexpr std::size_t most_bytes = 8192;

    enum class state : std::uint8_t {
        status_line, ///< more bytes are needed
        fields,      ///< the same
        open,        ///< 2xx: the next byte is one of the target
        refused,     ///< any other status
        wrong,       ///< no HTTP, or longer than most_bytes
    };

    /// Returns how many of the bytes belong to the answer; the others belong to the tunnel. After
    /// the end it takes none.
    std::size_t take(std::string_view bytes);

    state now() const noexcept { return state_; }

    bool over() const noexcept { return state_ >= state::open; }

    /// Of the last status line; 0 before.
    int status() const noexcept { return status_; }

    /// Why there is no tunnel, for a message: "403 Forbidden", "it ended the connection without an
    /// answer". Empty unless refused or wrong.
    const std::string& why() const noexcept { return why_; }

    /// The connection ended before the answer did.
    void end_of_stream();

  private:
    void take_line();
    void take_status();
    void end_of_fields();
    void fail(std::string why);

    state state_ = state::status_line;
    int status_ = 0;
    std::string reason_;
    std::string line_;
    std::string why_;
    std::size_t taken_ = 0;
};

} // namespace aio::net
