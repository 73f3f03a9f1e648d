#include <aio/net/address.hpp>
#include <aio/net/error.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

namespace aio::net {

static_assert(address::capacity >= sizeof(::sockaddr_un));
static_assert(address::capacity >= sizeof(::sockaddr_in6));

namespace {

const ::sockaddr_in& v4(const address& a) noexcept {
    return *reinterpret_cast<const ::sockaddr_in*>(a.raw());
}

const ::sockaddr_in6& v6(const address& a) noexcept {
    return *reinterpret_cast<const ::sockaddr_in6*>(a.raw());
}

// The name of an abstract socket begins with a zero byte.
std::string_view path_of(const address& a) noexcept {
    const auto& un = *reinterpret_cast<const ::sockaddr_un*>(a.raw());
    const auto head = offsetof(::sockaddr_un, sun_path);
    if (a.size() <= head + (un.sun_path[0] == '\0'))
        return {};
    const std::string_view path(un.sun_path, a.size() - head);
    return path.front() == '\0' ? path : path.substr(0, path.find('\0'));
}

std::string shown_path(std::string_view path) {
    return path.starts_with('\0') ? "@" + std::string(path.substr(1)) : std::string(path);
}

bool may_name_interface(std::string_view zone) noexcept {
    return !zone.empty() && zone.size() < IF_NAMESIZE &&
           zone.find_first_of("/:% \t\r\n") == zone.npos;
}

// The system takes lo:1 for lo.
bool scope_of(std::string_view zone, std::uint32_t& scope) {
    const auto parsed = std::from_chars(zone.data(), zone.data() + zone.size(), scope);
    if (parsed.ec == std::errc{} && parsed.ptr == zone.data() + zone.size())
        return true;
    scope = may_name_interface(zone) ? ::if_nametoindex(std::string(zone).c_str()) : 0;
    return scope != 0;
}

bool is_mapped(const address& a) noexcept {
    return a.kind() == family::v6 && IN6_IS_ADDR_V4MAPPED(&v6(a).sin6_addr);
}

std::string_view without_brackets(std::string_view literal) {
    const bool bracketed = literal.size() > 2 && literal.front() == '[' && literal.back() == ']';
    return bracketed ? literal.substr(1, literal.size() - 2) : literal;
}

std::optional<address> parse_v6(std::string_view literal, std::uint16_t port) {
    ::sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_port = htons(port);
    const auto percent = literal.find('%');
    const std::string digits(literal.substr(0, percent));
    if (::inet_pton(AF_INET6, digits.c_str(), &made.sin6_addr) != 1)
        return std::nullopt;
    if (percent != literal.npos && !scope_of(literal.substr(percent + 1), made.sin6_scope_id))
        return std::nullopt;
    return address::from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made).unmapped();
}

} // namespace

std::optional<address> address::parse(std::string_view literal, std::uint16_t port) {
    if (literal.find('\0') != literal.npos) // inet_pton would read what stands before it
        return std::nullopt;
    if (literal.find(':') != literal.npos)
        return parse_v6(without_brackets(literal), port);
    ::sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = htons(port);
    if (::inet_pton(AF_INET, std::string(literal).c_str(), &made.sin_addr) != 1)
        return std::nullopt;
    return from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
}

std::optional<std::string> address::missing_interface(std::string_view literal) {
    literal = without_brackets(literal);
    const auto percent = literal.find('%');
    if (percent == literal.npos || !parse_v6(literal.substr(0, percent), 0))
        return std::nullopt;
    const std::string_view name = literal.substr(percent + 1);
    std::uint32_t number = 0;
    return may_name_interface(name) && !scope_of(name, number) ? std::optional(std::string(name))
                                                               : std::nullopt;
}

std::optional<address> address::parse_with_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos || colon + 1 == text.size())
        return std::nullopt;
    const std::string_view host = text.substr(0, colon), digits = text.substr(colon + 1);
    if (host.find(':') != host.npos && (host.front() != '[' || host.back() != ']'))
        return std::nullopt;
    std::uint16_t port = 0;
    const auto end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
        return std::nullopt;
    return parse(host, port);
}

std::optional<address> address::unix_socket(std::string_view path) {
    ::sockaddr_un made{};
    if (path.empty() || path.size() >= sizeof made.sun_path || path.find('\0') != path.npos)
        return std::nullopt;
    made.sun_family = AF_UNIX;
    std::memcpy(made.sun_path, path.data(), path.size());
    const auto size = offsetof(::sockaddr_un, sun_path) + path.size() + 1;
    return from(reinterpret_cast<const ::sockaddr*>(&made), size);
}

std::optional<address> address::abstract_socket(std::string_view name) {
    ::sockaddr_un made{};
    if (name.empty() || name.size() >= sizeof made.sun_path || name.find('\0') != name.npos)
        return std::nullopt;
    made.sun_family = AF_UNIX;
    std::memcpy(made.sun_path + 1, name.data(), name.size());
    const auto size = offsetof(::sockaddr_un, sun_path) + 1 + name.size();
    return from(reinterpret_cast<const ::sockaddr*>(&made), size);
}

address address::from(const ::sockaddr* from, std::size_t size) noexcept {
    address made;
    if (size <= capacity) {
        std::memcpy(made.store_, from, size);
        made.size_ = static_cast<std::uint32_t>(size);
    }
    return made;
}

const ::sockaddr* address::raw() const noexcept {
    return reinterpret_cast<const ::sockaddr*>(store_);
}

::sockaddr* address::raw() noexcept {
    return reinterpret_cast<::sockaddr*>(store_);
}

family address::kind() const noexcept {
    if (size_ < sizeof(::sa_family_t))
        return family::none;
    switch (raw()->sa_family) {
    case AF_INET:
        return family::v4;
    case AF_INET6:
        return family::v6;
    case AF_UNIX:
        return family::unix_path;
    default:
        return family::none;
    }
}

std::uint16_t address::port() const noexcept {
    switch (kind()) {
    case family::v4:
        return ntohs(v4(*this).sin_port);
    case family::v6:
        return ntohs(v6(*this).sin6_port);
    default:
        return 0;
    }
}

void address::port(std::uint16_t value) noexcept {
    if (kind() == family::v4)
        reinterpret_cast<::sockaddr_in*>(store_)->sin_port = htons(value);
    else if (kind() == family::v6)
        reinterpret_cast<::sockaddr_in6*>(store_)->sin6_port = htons(value);
}

std::string address::host() const {
    char text[INET6_ADDRSTRLEN];
    switch (kind()) {
    case family::v4:
        return ::inet_ntop(AF_INET, &v4(*this).sin_addr, text, sizeof text);
    case family::v6: {
        const auto& in = v6(*this);
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr))
            return ::inet_ntop(AF_INET, in.sin6_addr.s6_addr + 12, text, sizeof text);
        std::string made = ::inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
        char zone[IF_NAMESIZE];
        if (in.sin6_scope_id != 0 && ::if_indextoname(in.sin6_scope_id, zone))
            made.append("%").append(zone);
        return made;
    }
    case family::unix_path:
        return shown_path(path_of(*this));
    default:
        return {};
    }
}

std::string address::text() const {
    const family of = kind();
    std::string made = host();
    if (of != family::v4 && of != family::v6)
        return made;
    if (made.find(':') != made.npos)
        made = "[" + made + "]";
    return made + ":" + std::to_string(port());
}

bool address::loopback() const noexcept {
    if (kind() == family::v4)
        return (ntohl(v4(*this).sin_addr.s_addr) >> 24) == 127;
    if (kind() != family::v6)
        return kind() == family::unix_path;
    const auto& in = v6(*this).sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(&in) || (IN6_IS_ADDR_V4MAPPED(&in) && in.s6_addr[12] == 127);
}

bool address::multicast() const noexcept {
    if (kind() == family::v4)
        return IN_MULTICAST(ntohl(v4(*this).sin_addr.s_addr));
    return kind() == family::v6 && IN6_IS_ADDR_MULTICAST(&v6(*this).sin6_addr);
}

bool address::broadcast() const noexcept {
    return kind() == family::v4 && ntohl(v4(*this).sin_addr.s_addr) == INADDR_BROADCAST;
}

bool address::lacks_interface() const noexcept {
    if (kind() != family::v6 || v6(*this).sin6_scope_id != 0)
        return false;
    const auto& in = v6(*this).sin6_addr;
    return IN6_IS_ADDR_LINKLOCAL(&in) || IN6_IS_ADDR_MC_LINKLOCAL(&in);
}

address address::unmapped() const noexcept {
    if (!is_mapped(*this))
        return *this;
    ::sockaddr_in made{};
    made.sin_family = AF_INET;
    made.sin_port = v6(*this).sin6_port;
    std::memcpy(&made.sin_addr, v6(*this).sin6_addr.s6_addr + 12, sizeof made.sin_addr);
    return from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
}

address address::asked() const noexcept {
    if (asked_kind_ == family::v4) {
        ::sockaddr_in made{};
        made.sin_family = AF_INET;
        std::memcpy(&made.sin_addr, asked_.data(), sizeof made.sin_addr);
        return from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
    }
    if (asked_kind_ == family::v6) {
        ::sockaddr_in6 made{};
        made.sin6_family = AF_INET6;
        made.sin6_scope_id = asked_scope_;
        std::memcpy(&made.sin6_addr, asked_.data(), sizeof made.sin6_addr);
        return from(reinterpret_cast<const ::sockaddr*>(&made), sizeof made);
    }
    return {};
}

void address::asked(const address& ours) noexcept {
    asked_kind_ = family::none;
    if (ours.kind() == family::v4) {
        asked_kind_ = family::v4;
        std::memcpy(asked_.data(), &v4(ours).sin_addr, sizeof(::in_addr));
    } else if (ours.kind() == family::v6) {
        asked_kind_ = family::v6;
        asked_scope_ = v6(ours).sin6_scope_id;
        std::memcpy(asked_.data(), &v6(ours).sin6_addr, sizeof(::in6_addr));
    }
}

bool operator==(const address& a, const address& b) noexcept {
    if (a.kind() != b.kind())
        return is_mapped(a) != is_mapped(b) && a.unmapped() == b.unmapped();
    switch (a.kind()) {
    case family::v4:
        return a.port() == b.port() && v4(a).sin_addr.s_addr == v4(b).sin_addr.s_addr;
    case family::v6:
        return a.port() == b.port() && v6(a).sin6_scope_id == v6(b).sin6_scope_id &&
               std::memcmp(&v6(a).sin6_addr, &v6(b).sin6_addr, sizeof(::in6_addr)) == 0;
    case family::unix_path:
        return path_of(a) == path_of(b);
    default:
        return true;
    }
}

base::system_failure no_interface(std::string_view literal, std::string_view interface) {
    return base::system_failure::in_words(
        ENODEV, fmt::format("{}: there is no interface '{}'", literal, interface)
    );
}

namespace {

int system_family(family wanted) noexcept {
    return wanted == family::v4 ? AF_INET : wanted == family::v6 ? AF_INET6 : AF_UNSPEC;
}

} // namespace

std::vector<address> resolve(std::string_view host, std::uint16_t port, family wanted) {
    if (const auto literal = address::parse(host, port))
        return {*literal};
    if (const auto interface = address::missing_interface(host))
        throw no_interface(host, *interface);
    ::addrinfo hints{};
    hints.ai_family = system_family(wanted);
    hints.ai_socktype = SOCK_STREAM;
    ::addrinfo* list = nullptr;
    const int failed = ::getaddrinfo(std::string(host).c_str(), nullptr, &hints, &list);
    if (failed != 0)
        throw std::system_error(
            failed == EAI_SYSTEM ? std::error_code(errno, std::system_category())
                                 : std::error_code(failed, resolver_category()),
            "cannot resolve '" + std::string(host) + "'"
        );
    const std::unique_ptr<::addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    std::vector<address> found;
    for (const ::addrinfo* one = list; one; one = one->ai_next) {
        found.push_back(address::from(one->ai_addr, one->ai_addrlen).unmapped());
        found.back().port(port);
    }
    return found;
}

} // namespace aio::net
