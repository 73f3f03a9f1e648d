#pragma once

// The application protocols of TLS (ALPN, RFC 7301): their form, and the choice of a server. Pure.

#include <aio/base/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::net {

/// The list as TLS sends it: each name with its length before it.
/// Throws: std::invalid_argument for an empty name, one of more than 255 bytes, and more than 65535
/// bytes in all.
AIO_API std::string alpn_wire(const std::vector<std::string>& protocols);

/// The first protocol of the server's list that the client offers as well; both lists as TLS sends
/// them. The answer is a part of `ours`. Nothing: they have none in common.
AIO_API std::optional<std::string_view>
choose_alpn(std::string_view ours, std::string_view offered);

} // namespace aio::net
