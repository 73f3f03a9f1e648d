#include <aio/base/text.hpp>
#include <aio/protocols/keepalive_options.hpp>
#include <aio/server/limit_options.hpp>
#include <aio/server/limits.hpp>

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace aio::server {

namespace {

constexpr const char* none = "none";
/// One in a day or so.
constexpr double slowest = 0.00001;

void declare_connections(config::schema& all, const limits& standard) {
    all.option(
           "backlog", standard.backlog, "connections that the system keeps until they are accepted"
    )
        .least(1);
    all.option(
           "max_connections",
           standard.max_connections,
           "open connections; when_full says what becomes of further ones"
    )
        .least(1);
}

void declare_timeouts(config::schema& all, const limits& standard) {
    using config::type;
    all.add("idle_timeout", type::duration, "a connection without data for this time is closed")
        .least(0.001)
        .words({none});
    all.add(
           "first_byte_timeout",
           type::duration,
           "a connection whose client has sent nothing for this time after the TLS handshake is "
           "closed"
    )
        .least(0.001)
        .words({none});
    all.option(
           "write_timeout",
           *standard.write_timeout,
           "a connection whose peer takes nothing for this time of what waits to be sent is reset"
    )
        .least(0.001)
        .words({none});
}

void declare_admission(config::schema& all) {
    using config::type;
    all.option(
        "when_full",
        base::choice{"wait", {"wait", "refuse"}},
        "at max_connections, further connections wait, or are accepted and closed"
    );
    all.add(
           "accept_rate",
           type::rate,
           "new connections per time, a second's worth at once; others wait"
    )
        .least(slowest)
        .words({none});
    all.add("allow", type::string, "networks that may connect: 10.0.0.0/8 ::1 unix; default: all")
        .filled()
        .check(network_mistakes);
    all.add("deny", type::string, "networks that may not connect, also not by allow")
        .filled()
        .check(network_mistakes);
}

void declare_clients(config::schema& all) {
    using config::type;
    all.add(
           "address_connections", type::integer, "open connections of one client; others are reset"
    )
        .least(1)
        .words({none});
    all.add(
           "address_rate",
           type::rate,
           "new connections of one client per time, a second's worth or 10 at once; others are "
           "reset"
    )
        .least(slowest)
        .words({none});
    all.option(
           "address_prefix", "32 64", "bits of an IPv4 and of an IPv6 address that make one client"
    )
        .check(prefix_mistakes);
}

void declare_peers(config::schema& all, const limits& standard) {
    all.option(
           "handshake_timeout", standard.handshake_timeout, "the longest time for a TLS handshake"
    )
        .least(0.001);
    all.option(
           "linger",
           standard.linger,
           "time for the peer to close as well; in a stop, also for a peer to take what waits to "
           "be "
           "sent"
    )
        .least(0.001);
    all.option("unsent", *standard.unsent, "bytes that the kernel takes beyond those on their way")
        .least(1024)
        .most(std::numeric_limits<int>::max())
        .words({none});
    all.option(
        "defer_accept",
        standard.defer_accept,
        "accept a connection when its first bytes are there (TCP_DEFER_ACCEPT)"
    );
}

void declare_proxy(config::schema& all) {
    using config::type;
    all.option(
        "proxy_protocol",
        base::choice{"no", {"no", "required"}},
        "whether connections, or datagrams, begin with a PROXY header that tells their client"
    );
    all.add(
           "proxy_from", type::string, "networks of the proxies; others are reset: 10.0.0.0/8 unix"
    )
        .filled()
        .check(network_mistakes);
    all.add("proxy_skip", type::string, "networks whose connections have no PROXY header")
        .filled()
        .check(network_mistakes);
}

config::schema declared() {
    const limits standard;
    config::schema all;
    declare_connections(all, standard);
    declare_timeouts(all, standard);
    protocols::declare_keepalive(all, *standard.keepalive);
    declare_admission(all);
    declare_clients(all);
    declare_peers(all, standard);
    declare_proxy(all);
    return all;
}

} // namespace

const config::schema& limit_options() {
    static const config::schema all = declared();
    return all;
}

std::optional<client_prefix> prefix_of(std::string_view text) {
    const std::string_view bare = base::strip(text);
    const std::size_t blank = bare.find_first_of(" \t");
    if (blank == bare.npos)
        return std::nullopt;
    const auto v4 = base::parse_integer(bare.substr(0, blank));
    const auto v6 = base::parse_integer(base::strip(bare.substr(blank)));
    if (!v4 || !v6 || *v4 < 0 || *v4 > 32 || *v6 < 0 || *v6 > 128)
        return std::nullopt;
    return client_prefix{static_cast<unsigned>(*v4), static_cast<unsigned>(*v6)};
}

std::vector<config::text_mistake> prefix_mistakes(std::string_view text) {
    if (prefix_of(text))
        return {};
    return {
        {0,
         fmt::format("'{}' is not two lengths of prefixes", text),
         "the bits of an IPv4 and of an IPv6 address that make a client: 32 64"}
    };
}

net::networks networks_of(std::string_view text, std::vector<config::text_mistake>& mistakes) {
    std::vector<net::network_mistake> found;
    net::networks all = net::networks::parse(text, found);
    for (net::network_mistake& each : found)
        mistakes.push_back({each.offset, std::move(each.text), std::move(each.hint)});
    return all;
}

std::vector<config::text_mistake> network_mistakes(std::string_view text) {
    std::vector<config::text_mistake> mistakes;
    networks_of(text, mistakes);
    return mistakes;
}

} // namespace aio::server
