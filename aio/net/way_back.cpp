#include <aio/net/connection.hpp>
#include <aio/net/way_back.hpp>

#include <netinet/in.h>

#include <cstring>
#include <type_traits>

namespace aio::net {

namespace {

// An address has room for a path; that of IP leaves the end of the room free, and zero.
constexpr std::size_t place = address::capacity - sizeof(compact_address);
static_assert(place >= sizeof(::sockaddr_in6));
static_assert(std::is_trivially_copyable_v<compact_address>);

bool is_ip(const address& which) noexcept {
    return which.kind() == family::v4 || which.kind() == family::v6;
}

} // namespace

void set_way_back(address& client, const address& proxy) noexcept {
    if (!is_ip(client))
        return;
    const compact_address kept = is_ip(proxy) ? compact_address(proxy) : compact_address();
    std::memcpy(reinterpret_cast<unsigned char*>(client.raw()) + place, &kept, sizeof kept);
}

address way_back(const address& client) noexcept {
    if (!is_ip(client))
        return {};
    compact_address kept;
    std::memcpy(&kept, reinterpret_cast<const unsigned char*>(client.raw()) + place, sizeof kept);
    if (kept.kind != family::v4 && kept.kind != family::v6)
        return {};
    address out = kept.expand();
    out.asked(client.asked());
    return out;
}

} // namespace aio::net
