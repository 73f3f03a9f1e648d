#pragma once

// Why a server refuses or ends connections: the reasons that it counts and logs. Private to
// server/.

#include <aio/log/level.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aio::server {

enum class refusal : std::uint8_t {
    full,       ///< max_connections, with when_full = refuse
    network,    ///< by allow, deny or proxy_from
    address,    ///< address_connections
    rate,       ///< address_rate
    proxy,      ///< the PROXY header is wrong or late
    handshake,  ///< the TLS handshake failed or is late
    first_byte, ///< first_byte_timeout
    idle,       ///< idle_timeout
    write,      ///< write_timeout
    unread,     ///< the same while the server stops, after linger
    slow,       ///< max_buffered
    too_long,   ///< a datagram that there is no room for
    empty,      ///< it ended before the first byte of its PROXY header, as health checks do
};

inline constexpr std::size_t refusal_count = 13;

struct refusal_words {
    refusal why;
    std::string_view counter; ///< its name among the statistics of a server
    log::level level;
    std::string_view act;    ///< what the server does with connections or datagrams: "refuses"
    std::string_view reason; ///< why
};

inline constexpr std::array<refusal_words, refusal_count> all_refusals{{
    {refusal::full,
     "refused_full",
     log::level::warning,
     "refuses",
     "it has as many as max_connections allows"},
    {refusal::network,
     "refused_net",
     log::level::warning,
     "refuses",
     "the addresses are not permitted"},
    {refusal::address,
     "refused_address",
     log::level::warning,
     "refuses",
     "the clients have as many as address_connections allows"},
    {refusal::rate,
     "refused_rate",
     log::level::warning,
     "refuses",
     "the clients connect faster than address_rate allows"},
    {refusal::proxy,
     "proxy_bad",
     log::level::warning,
     "refuses",
     "they do not begin with a valid PROXY header"},
    {refusal::handshake,
     "handshakes_failed",
     log::level::warning,
     "closes",
     "the TLS handshake failed"},
    {refusal::first_byte,
     "timeout_first_byte",
     log::level::debug,
     "closes",
     "nothing came within first_byte_timeout"},
    {refusal::idle, "timeout_idle", log::level::debug, "closes", "they were silent for idle_timeout"
    },
    {refusal::write,
     "timeout_write",
     log::level::warning,
     "closes",
     "the clients took nothing for write_timeout"},
    {refusal::unread,
     "unread_at_stop",
     log::level::warning,
     "closes",
     "it stops, and the clients took nothing of their answers for linger"},
    {refusal::slow,
     "too_slow",
     log::level::warning,
     "closes",
     "the clients do not read, and max_buffered is reached"},
    {refusal::too_long, "too_long", log::level::warning, "drops", "they are longer than 512 KiB"},
    {refusal::empty, "empty", log::level::debug, "drops", "they ended without a byte"},
}};

constexpr const refusal_words& words_of(refusal why) noexcept {
    return all_refusals[static_cast<std::size_t>(why)];
}

} // namespace aio::server
