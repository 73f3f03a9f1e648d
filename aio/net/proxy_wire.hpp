#pragma once

// The constants of the PROXY protocol that its reader and its writer share. Private to net/.

#include <boost/crc.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aio::net::proxy_wire {

using namespace std::string_view_literals;

inline constexpr std::string_view text_mark = "PROXY "sv;
inline constexpr std::string_view binary_mark = "\r\n\r\n\0\r\nQUIT\n"sv;
/// The mark, version and command, family, length.
inline constexpr std::size_t head_size = 16;
inline constexpr std::size_t tlv_head_size = 3;
inline constexpr std::size_t tls_head_size = 5;
inline constexpr std::size_t checksum_size = 4;

enum command : unsigned char { local = 0x20, proxied = 0x21 };

enum family : unsigned char { unspecified = 0x0, inet = 0x1, inet6 = 0x2, unix_path = 0x3 };

inline constexpr std::size_t unix_path_size = 108;

constexpr std::size_t address_size(unsigned char kind) noexcept {
    return kind == inet ? 12 : kind == inet6 ? 36 : kind == unix_path ? 2 * unix_path_size : 0;
}

enum tlv : unsigned char {
    alpn = 0x01,
    authority = 0x02,
    checksum = 0x03,
    padding = 0x04,
    unique_id = 0x05,
    tls = 0x20,
    tls_version = 0x21,
    tls_common_name = 0x22,
};

enum tls_flags : unsigned char { uses_tls = 1, certificate_now = 2, certificate_before = 4 };

/// CRC-32C.
using checksum_type = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

} // namespace aio::net::proxy_wire
