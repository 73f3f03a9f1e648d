#pragma once

// What the readers of both versions of the PROXY protocol share. Private to net/.

#include <aio/net/proxy_header.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace aio::net::proxy_reader {

inline proxy_reading more(std::size_t size) {
    proxy_reading out;
    out.size = size;
    return out;
}

inline proxy_reading wrong(std::string_view reason) {
    proxy_reading out;
    out.what = proxy_reading::result::wrong;
    out.reason = reason;
    return out;
}

inline proxy_reading whole(std::size_t size, proxy_header header) {
    proxy_reading out;
    out.what = proxy_reading::result::whole;
    out.size = size;
    out.header = std::move(header);
    return out;
}

/// Version 2. Precondition: there is a byte.
proxy_reading read_binary(std::string_view bytes);

} // namespace aio::net::proxy_reader
