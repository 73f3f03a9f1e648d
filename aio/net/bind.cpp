#include <aio/base/capability.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/bind.hpp>
#include <aio/net/bind_unix.hpp>
#include <aio/net/datagram_source.hpp>

#include <fmt/format.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t most_picks = 100;
/// The kernel rounds it up to the time of its retransmissions, and hands the connection over then.
constexpr int longest_deferral_s = 5;

[[noreturn]] void fail(const std::string& where, int number = errno) {
    throw base::system_failure(number, where);
}

[[noreturn]] void refuse(const address& target, int number, std::string_view why) {
    throw base::system_failure::in_words(number, fmt::format("{}: {}", target.text(), why));
}

// The system binds sockets to these, but nobody can connect to them.
void check_is_of_machine(const address& target) {
    if (target.multicast())
        refuse(target, EADDRNOTAVAIL, "is a multicast address, not the address of a machine");
    if (target.broadcast())
        refuse(target, EADDRNOTAVAIL, "is the broadcast address, not the address of a machine");
}

/// Which addresses a socket takes.
enum class families {
    own, ///< those of the family of its own address
    both ///< as :: also those of IPv4
};

socket open_ip(const bind_request& what, const address& target, families taken) {
    socket made(::socket(
        target.raw()->sa_family, socket_type(what.transport) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0
    ));
    if (!made)
        fail(target.text());
    if (target.kind() == family::v6)
        set_option(made, IPPROTO_IPV6, IPV6_V6ONLY, taken == families::both ? 0 : 1, "IPV6_V6ONLY");
    if (what.transport == transport_kind::tcp) {
        set_option(made, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
        // Accepted sockets inherit it.
        if (what.no_delay)
            set_option(made, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
        if (what.keepalive)
            set_keepalive(made, *what.keepalive);
        if (what.unsent)
            set_unsent(made, *what.unsent);
        if (what.defer_accept)
            set_option(made, IPPROTO_TCP, TCP_DEFER_ACCEPT, longest_deferral_s, "TCP_DEFER_ACCEPT");
    }
    return made;
}

bool lacks_right_to_port(int error, std::uint16_t port) noexcept {
    return error == EACCES && port < 1024 && !base::has_capability(CAP_NET_BIND_SERVICE);
}

std::string name_of(const address& target, families taken) {
    return taken == families::both ? "*:" + std::to_string(target.port()) : target.text();
}

// The first socket of a group does not share its port, so that a port in use is an error. Sharing
// is switched on before the other sockets are bound.
endpoint bind_ip(const bind_request& what, address target, families taken) {
    if (what.transport == transport_kind::tcp)
        check_is_of_machine(target);
    endpoint made;
    for (std::size_t i = 0; i < what.loops; ++i) {
        socket one = open_ip(what, target, taken);
        if (what.reuse_port || i > 0)
            set_option(one, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        if (::bind(one.get(), target.raw(), target.size()) != 0) {
            if (target.lacks_interface())
                refuse(target, errno, "needs an interface, as in fe80::1%eth0");
            if (lacks_right_to_port(errno, target.port()))
                throw base::system_failure::in_words(
                    EACCES,
                    fmt::format(
                        "{}: {} (a port below 1024 needs root or CAP_NET_BIND_SERVICE)",
                        name_of(target, taken),
                        base::system_reason(EACCES)
                    )
                );
            fail(name_of(target, taken));
        }
        // Before the first datagram: the system notes the address only as a datagram arrives.
        if (what.transport == transport_kind::udp)
            tell_asked(one.get());
        if (i == 0 && what.loops > 1)
            set_option(one, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        target = local_address(one.get());
        made.sockets.push_back(std::move(one));
    }
    made.at = target;
    made.name = name_of(target, taken);
    return made;
}

endpoint bind_any(const bind_request& what, std::uint16_t port) {
    try {
        return bind_ip(what, *address::parse("::", port), families::both);
    } catch (const std::system_error& failed) {
        if (failed.code().value() != EAFNOSUPPORT && failed.code().value() != EADDRNOTAVAIL)
            throw;
    }
    endpoint made = bind_ip(what, *address::parse("0.0.0.0", port), families::own);
    made.name = "*:" + std::to_string(made.at.port());
    return made;
}

} // namespace

int socket_type(transport_kind kind) noexcept {
    return is_datagram(kind) ? SOCK_DGRAM : SOCK_STREAM;
}

// Labels consist of letters, digits, dashes and underscores. The last label is no number:
// 256.1.1.1 is a mistyped address. Letters beyond ASCII are left to the resolver.
bool names_a_host(std::string_view text) noexcept {
    if (text == "*" || address::parse(text, 0) || address::missing_interface(text))
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

// What a name stands for is a set of offers. These errors say that one of them is of no use here:
// ::1 of localhost where IPv6 is switched off, an address of another machine, or a link-local one,
// which has no interface to go with.
bool is_of_no_use(const std::error_code& why) noexcept {
    constexpr int all[] = {EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENODEV};
    return std::ranges::find(all, why.value()) != std::end(all);
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
            else if (const auto literal = address::parse(host, port_))
                bind_literal(host, *literal);
            else if (const auto interface = address::missing_interface(host))
                throw no_interface(host, *interface);
            else
                bind_name(host);
    }

  private:
    void add(endpoint made) {
        port_ = made.at.port();
        all_.push_back(std::move(made));
    }

    bool is_bound(const address& offer) const noexcept {
        return port_ != 0 &&
               std::ranges::any_of(all_, [&](const endpoint& bound) { return bound.at == offer; });
    }

    // The text of a failure has the address as the user wrote it.
    void bind_literal(const std::string& written, const address& literal) {
        if (is_bound(literal))
            return;
        try {
            add(bind_ip(what_, literal, families::own));
        } catch (const std::system_error& failed) {
            const std::string shown = literal.host();
            if (written == shown || written == "[" + shown + "]")
                throw;
            throw in_words_of(written, failed);
        }
    }

    void bind_name(const std::string& host) {
        std::optional<base::system_failure> first;
        bool served = false;
        for (address offer : hosts_.at(host)) {
            offer.port(port_);
            if (is_bound(offer)) {
                served = true;
                continue;
            }
            try {
                add(bind_ip(what_, offer, families::own));
                served = true;
            } catch (const std::system_error& failed) {
                const auto named = in_words_of(host, failed);
                if (!is_of_no_use(failed.code()))
                    throw base::system_failure(named);
                missing_.emplace_back(named.what());
                if (!first)
                    first = named;
            }
        }
        if (!served && first)
            throw base::system_failure(*first);
    }

    static base::system_failure
    in_words_of(const std::string& written, const std::system_error& failed) {
        return base::system_failure::in_words(
            failed.code().value(), fmt::format("{}: {}", written, failed.what())
        );
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
        if (host != "*" && !address::parse(host, 0) && !address::missing_interface(host))
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
