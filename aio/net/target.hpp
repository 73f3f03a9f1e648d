#pragma once

// Where a client connects to, as users write it. Pure.
//
//     tls://bank.example:443   tcp://10.0.0.1:80   bank.example:80   [::1]:80
//     unix:/run/app.sock       @abstract

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>
#include <aio/net/authority.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace aio::net {

struct AIO_API target {
    enum class kind : std::uint8_t {
        tcp,
        tls,
        unix_path, ///< a unix socket with a file
        abstract,  ///< a unix socket with a name that is no file
    };

    kind how = kind::tcp;
    std::string host;       ///< tcp, tls: a name or an address, without brackets
    std::uint16_t port = 0; ///< tcp, tls
    std::string path;       ///< unix sockets: the path, or the name without the @

    /// Names of schemes are compared without case. A port is never guessed.
    static std::variant<target, target_mistake> parse(std::string_view text);

    /// What parse() reads as this target.
    std::string text() const;

    /// The address, when no resolver is needed.
    std::optional<address> literal() const;

    /// The host as TLS compares it with a certificate: without the dot at its end, and without the
    /// interface of an address.
    std::string tls_name() const;

    friend bool operator==(const target&, const target&) = default;
};

} // namespace aio::net
