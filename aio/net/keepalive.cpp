#include <aio/net/keepalive.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace aio::net {

namespace {

int whole_seconds(base::duration time) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

} // namespace

void set_keepalive(const socket& target, const keepalive& timing) {
    set_option(target, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
    set_option(target, IPPROTO_TCP, TCP_KEEPIDLE, whole_seconds(timing.silence), "TCP_KEEPIDLE");
    set_option(target, IPPROTO_TCP, TCP_KEEPINTVL, whole_seconds(timing.interval), "TCP_KEEPINTVL");
    set_option(target, IPPROTO_TCP, TCP_KEEPCNT, timing.probes, "TCP_KEEPCNT");
}

void set_user_timeout(const socket& target, base::duration limit) {
    const auto wanted = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
    const auto most = std::int64_t{std::numeric_limits<int>::max()};
    const int value = static_cast<int>(std::clamp<std::int64_t>(wanted, 1, most));
    set_option(target, IPPROTO_TCP, TCP_USER_TIMEOUT, value, "TCP_USER_TIMEOUT");
}

} // namespace aio::net
