#pragma once

// The header of the PROXY protocol, versions 1 (text) and 2 (binary), by which a proxy tells a
// server whose connection it passes on. Pure: what is read and written are bytes.
//
// A header is believed only when it comes from a proxy that the server knows, and that is the
// matter of the caller.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aio::net {

/// The TLS connection between the client and the proxy.
struct proxy_tls {
    std::string version;      ///< "TLSv1.3"; empty when it is not told
    std::string common_name;  ///< of the client's certificate; empty when it is not told
    bool certificate = false; ///< the client has shown one, in this connection or in its session
    std::uint32_t verify = 0; ///< 0: the certificate was verified, if there is one; else why not

    friend bool operator==(const proxy_tls&, const proxy_tls&) = default;
};

struct proxy_header {
    enum class format : std::uint8_t { text, binary }; ///< versions 1 and 2

    enum class subject : std::uint8_t {
        client,  ///< the proxy passes on the connection of a client: `from` and `to` are known
        unknown, ///< as above, and the proxy does not tell the addresses: those of the socket stay
        proxy,   ///< the proxy speaks itself, to check the server: those of the socket stay
    };

    format version = format::binary;
    subject about = subject::proxy;
    bool datagram = false; ///< the client has sent a datagram to the proxy

    address from; ///< the client
    address to;   ///< where the client has connected to

    // What version 2 may add; empty when it is not told. They come from outside, and are as long as
    // they like within a header.
    std::string alpn;      ///< the protocol that was chosen
    std::string authority; ///< the name of the host that the client has asked for
    std::string unique_id; ///< of the connection; any bytes, 128 at most
    std::optional<proxy_tls> tls;

    friend bool operator==(const proxy_header&, const proxy_header&) = default;

    /// The longest headers that are read and written.
    static constexpr std::size_t longest_text = 107;
    static constexpr std::size_t longest_binary = 4096;
    static constexpr std::size_t longest_unique_id = 128;
};

struct proxy_reading {
    enum class result : std::uint8_t {
        more,  ///< the bytes are the beginning of a header
        wrong, ///< no bytes that follow can make them a header
        whole,
    };

    result what = result::more;
    /// Of a whole header, its bytes: what follows them belongs to the connection. Otherwise the
    /// number of bytes without which another attempt is pointless.
    std::size_t size = 0;
    std::string_view reason; ///< what is wrong, for the log; a literal
    proxy_header header;
};

/// Reads the header at the beginning of the bytes that a connection has received. Nothing is read
/// of a header that is not whole.
AIO_API proxy_reading read_proxy_header(std::string_view bytes);

/// The same for one datagram, which begins with a header of its own, of version 2. Never `more`.
AIO_API proxy_reading read_proxy_datagram(std::string_view datagram);

enum class proxy_checksum { no, yes };

/// The bytes of a header; read_proxy_header() reads the same header from them. What a version
/// cannot say becomes subject::unknown: in version 1 unix sockets and datagrams, in both an address
/// of no family, or a unix socket at one end only. An IPv4 address beside an IPv6 one is mapped.
/// Version 1 leaves out what it has no place for, both leave out interfaces. Throws
/// std::length_error when the additions are too long for a header.
AIO_API std::string
write_proxy_header(const proxy_header& header, proxy_checksum sum = proxy_checksum::no);

} // namespace aio::net
