#include <aio/base/visible.hpp>
#include <aio/net/connect.hpp>

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

namespace aio::net {

connect_options& connect_options::timeout(base::duration limit) {
    timeout_ = limit;
    return *this;
}

connect_options& connect_options::attempt_delay(std::optional<base::duration> delay) {
    attempt_delay_ = delay;
    return *this;
}

connect_options& connect_options::family(net::family wanted) {
    family_ = wanted;
    return *this;
}

connect_options& connect_options::source(std::string_view address) {
    socket_.source = net::address::parse(address, 0);
    if (!socket_.source)
        socket_.source = net::address::parse_with_port(address);
    if (!socket_.source)
        throw std::invalid_argument(fmt::format("'{}' is not an address of ours", address));
    return *this;
}

connect_options& connect_options::interface(std::string_view name) {
    const bool odd = name == "." || name == ".." || std::ranges::any_of(name, [](unsigned char c) {
                         return c <= ' ' || c == '/' || c == ':' || c == 0x7f;
                     });
    if (odd || name.size() >= IFNAMSIZ)
        throw std::invalid_argument(fmt::format(
            "'{}' cannot be the name of an interface: up to {} characters, without blanks, '/' and "
            "':'",
            base::visible(name, base::layout::one_line),
            IFNAMSIZ - 1
        ));
    socket_.interface = name;
    return *this;
}

connect_options& connect_options::unsent(std::optional<base::size> most) {
    socket_.unsent = most;
    return *this;
}

connect_options& connect_options::keepalive(std::optional<net::keepalive> timing) {
    socket_.keepalive = timing;
    return *this;
}

connect_options& connect_options::user_timeout(std::optional<base::duration> limit) {
    socket_.user_timeout = limit;
    return *this;
}

connect_options& connect_options::no_delay(bool on) {
    socket_.no_delay = on;
    return *this;
}

connect_options& connect_options::tell(std::function<void(dial_stage now)> told) {
    told_ = std::move(told);
    return *this;
}

connect_options& connect_options::proxy(std::string_view url) {
    proxy_.reset();
    if (url.empty())
        return *this;
    auto read = http_proxy::parse(url);
    if (const auto* why = std::get_if<target_mistake>(&read))
        throw why->as_error("the proxy");
    proxy_ = std::get<http_proxy>(std::move(read));
    return *this;
}

connect_options& connect_options::tls(tls_client how) {
    tls_ = std::move(how);
    return *this;
}

connect_options& connect_options::announce(const proxy_header& header) {
    announced_ = write_proxy_header(header);
    announces_itself_.reset();
    return *this;
}

connect_options& connect_options::announce(proxy_header::format version) {
    announces_itself_ = version;
    return *this;
}

connect_options& connect_options::announce(proxy_header::format version, address from, address to) {
    proxy_header header;
    header.version = version;
    header.about = proxy_header::subject::client;
    header.from = from;
    header.to = to;
    return announce(header);
}

} // namespace aio::net
