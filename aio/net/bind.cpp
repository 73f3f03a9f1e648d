#include <aio/net/bind.hpp>
#include <aio/net/datagram_source.hpp>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t most_picks = 100;

[[noreturn]] void fail(const std::string& where, int number = errno) {
    throw std::system_error(number, std::system_category(), where);
}

int type_of(transport_kind of) {
    return is_datagram(of) ? SOCK_DGRAM : SOCK_STREAM;
}

socket open_ip(const bind_request& what, const address& at, bool dual) {
    socket made(
        ::socket(at.raw()->sa_family, type_of(what.transport) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    );
    if (!made)
        fail(at.text());
    if (at.kind() == family::v6)
        set_option(made, IPPROTO_IPV6, IPV6_V6ONLY, dual ? 0 : 1, "IPV6_V6ONLY");
    if (what.transport == transport_kind::tcp) {
        set_option(made, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
        // Accepted sockets inherit it.
        if (what.no_delay)
            set_option(made, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
        if (what.keepalive)
            set_keepalive(made, *what.keepalive);
    }
    return made;
}

// The first socket of a group does not share its port, so that a port in use is an error. Sharing
// is switched on before the other sockets are bound.
endpoint bind_ip(const bind_request& what, address at, bool dual) {
    endpoint made;
    for (std::size_t i = 0; i < what.loops; ++i) {
        socket one = open_ip(what, at, dual);
        if (what.reuse_port || i > 0)
            set_option(one, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        if (::bind(one.get(), at.raw(), at.size()) != 0)
            fail(dual ? "*:" + std::to_string(at.port()) : at.text());
        // Before the first datagram: the system notes the address only as a datagram arrives.
        if (what.transport == transport_kind::udp)
            tell_asked(one.get());
        if (i == 0 && what.loops > 1)
            set_option(one, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        at = local_address(one.get());
        made.sockets.push_back(std::move(one));
    }
    made.at = at;
    made.name = dual ? "*:" + std::to_string(at.port()) : at.text();
    return made;
}

endpoint bind_any(const bind_request& what, std::uint16_t port) {
    try {
        return bind_ip(what, *address::parse("::", port), true);
    } catch (const std::system_error& failed) {
        if (failed.code().value() != EAFNOSUPPORT && failed.code().value() != EADDRNOTAVAIL)
            throw;
    }
    endpoint made = bind_ip(what, *address::parse("0.0.0.0", port), false);
    made.name = "*:" + std::to_string(made.at.port());
    return made;
}

// Removes a socket that no process listens on any more: a connect to it is refused.
void make_room(transport_kind transport, const socket_place& place) {
    const auto found = place.look();
    if (!found)
        return;
    if (!S_ISSOCK(found->st_mode))
        fail(place.path(), EEXIST);
    const socket probe = open_socket(AF_UNIX, type_of(transport));
    const address at = place.where();
    const int refused = ::connect(probe.get(), at.raw(), at.size()) == 0 ? 0 : errno;
    if (refused != ECONNREFUSED)
        fail(place.path(), EADDRINUSE);
    if (::unlinkat(place.folder(), place.name().c_str(), 0) != 0)
        fail(place.path());
}

endpoint bind_unix(const bind_request& what) {
    const auto shown = address::unix_socket(what.path);
    if (!shown)
        fail(what.path, ENAMETOOLONG);
    endpoint made;
    socket_place place(what.path);
    const address at = place.where();
    const path_lock alone(place, what.patience);
    make_room(what.transport, place);
    socket one = open_socket(AF_UNIX, type_of(what.transport));
    // The mode is set before bind, so that it holds from the first moment.
    if (what.mode && ::fchmod(one.get(), *what.mode & ~0111u) != 0)
        fail(what.path);
    if (::bind(one.get(), at.raw(), at.size()) != 0)
        fail(what.path);
    made.file = std::make_unique<socket_file>(std::move(place));
    if (what.mode) // once more: the umask may have taken bits away
        if (const auto failed = made.file->set_mode(*what.mode))
            fail(what.path, failed.value());
    // A socket that does not listen yet refuses connections like a dead one. Another section or
    // process that wants the path would remove it.
    if (what.transport == transport_kind::unix_stream)
        listen(what.path, one, SOMAXCONN);
    made.at = *shown;
    made.name = what.path;
    made.sockets.push_back(std::move(one));
    return made;
}

} // namespace

// Labels consist of letters, digits, dashes and underscores. The last label is no number:
// 256.1.1.1 is a mistyped address. Letters beyond ASCII are left to the resolver.
bool names_a_host(std::string_view text) noexcept {
    if (text == "*" || address::parse(text, 0))
        return true;
    if (text.size() > 253)
        return false;
    if (text.ends_with('.'))
        text.remove_suffix(1);
    std::size_t label = 0;
    bool number = true;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                            c == '_' || static_cast<unsigned char>(c) >= 0x80;
        if (c == '.' ? label == 0 : !digit && !letter)
            return false;
        number = c == '.' || (number && digit);
        label = c == '.' ? 0 : label + 1;
    }
    return label > 0 && !number;
}

namespace {

// A name may have addresses that this machine does not have (::1 of localhost, where IPv6 is
// switched off); a link-local one of a name has no interface to go with.
bool not_here(const address& offer, const std::error_code& why) noexcept {
    if (why.value() == EADDRNOTAVAIL || why.value() == EAFNOSUPPORT)
        return true;
    return why.value() == EINVAL && offer.kind() == family::v6 &&
           reinterpret_cast<const ::sockaddr_in6*>(offer.raw())->sin6_scope_id == 0 &&
           IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const ::sockaddr_in6*>(offer.raw())->sin6_addr);
}

/// One request on its way. What was bound stays in `all` when one fails.
class binding {
  public:
    binding(
        const bind_request& what,
        const host_addresses& hosts,
        std::vector<endpoint>& all,
        std::vector<std::string>& missing
    )
        : what_(what), hosts_(hosts), all_(all), missing_(missing), port_(what.port) {}

    void run() {
        if (what_.addresses.empty())
            add(bind_any(what_, port_));
        for (const std::string& host : what_.addresses)
            if (host == "*")
                add(bind_any(what_, port_));
            else if (const auto literal = address::parse(host, port_); !literal)
                bind_name(host);
            else if (!is_bound(*literal))
                add(bind_ip(what_, *literal, false));
    }

  private:
    void add(endpoint made) {
        port_ = made.at.port();
        all_.push_back(std::move(made));
    }

    bool is_bound(const address& offer) const noexcept {
        return port_ != 0 &&
               std::ranges::any_of(all_, [&](const endpoint& one) { return one.at == offer; });
    }

    void bind_name(const std::string& host) {
        std::exception_ptr first;
        bool served = false;
        for (address offer : hosts_.at(host)) {
            offer.port(port_);
            if (is_bound(offer)) {
                served = true;
                continue;
            }
            try {
                add(bind_ip(what_, offer, false));
                served = true;
            } catch (const std::system_error& failed) {
                if (!not_here(offer, failed.code()))
                    throw;
                missing_.push_back(fmt::format("{}: {}", host, failed.what()));
                if (!first)
                    first = std::current_exception();
            }
        }
        if (!served && first)
            std::rethrow_exception(first);
    }

    const bind_request& what_;
    const host_addresses& hosts_;
    std::vector<endpoint>& all_;
    std::vector<std::string>& missing_;
    std::uint16_t port_;
};

} // namespace

std::vector<std::string> host_names(const bind_request& request) {
    std::vector<std::string> names;
    for (const std::string& host : request.addresses)
        if (host != "*" && !address::parse(host, 0))
            names.push_back(host);
    return names;
}

host_addresses resolve_all(const std::vector<std::string>& names) {
    host_addresses found;
    for (const std::string& name : names)
        found.emplace(name, resolve(name, 0));
    return found;
}

// The port that the system picks at the first address may be in use at another address. The
// sockets of a failed attempt stay bound meanwhile, so that the system picks another port.
std::vector<endpoint>
bind(const bind_request& what, const host_addresses& hosts, std::vector<std::string>* missing) {
    if (is_unix(what.transport)) {
        std::vector<endpoint> one;
        one.push_back(bind_unix(what));
        return one;
    }
    std::vector<std::vector<endpoint>> tried;
    for (;;) {
        std::vector<endpoint> all;
        std::vector<std::string> not_bound;
        try {
            binding(what, hosts, all, not_bound).run();
            if (missing)
                *missing = std::move(not_bound);
            return all;
        } catch (const std::system_error& failed) {
            if (what.port != 0 || all.empty() || tried.size() == most_picks ||
                failed.code().value() != EADDRINUSE)
                throw;
        }
        tried.push_back(std::move(all));
    }
}

void listen(const std::string& name, const socket& bound, int backlog) {
    if (::listen(bound.get(), backlog) != 0)
        fail(name);
}

} // namespace aio::net
