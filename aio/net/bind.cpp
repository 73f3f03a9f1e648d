#include <aio/base/descriptor.hpp>
#include <aio/net/bind.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <tuple>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t most_picks = 100;

[[noreturn]] void fail(const std::string& where, int number = errno) {
    throw std::system_error(number, std::system_category(), where);
}

std::array<long long, 4> identity(const struct ::stat& of) {
    return {
        static_cast<long long>(of.st_dev),
        static_cast<long long>(of.st_ino),
        of.st_mtim.tv_sec,
        of.st_mtim.tv_nsec
    };
}

std::optional<std::array<long long, 4>> identity(const std::string& path) {
    struct ::stat found{};
    if (::lstat(path.c_str(), &found) != 0)
        return std::nullopt;
    return identity(found);
}

std::error_code last_error() noexcept {
    return {errno, std::system_category()};
}

int type_of(transport_kind of) {
    return is_datagram(of) ? SOCK_DGRAM : SOCK_STREAM;
}

socket open_ip(const bind_request& what, const address& at, bool dual) {
    socket made = open_socket(at.raw()->sa_family, type_of(what.transport));
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

// The first socket of a group does not share: so a port in use is still an error. Sharing is
// switched on before the others follow.
endpoint bind_ip(const bind_request& what, address at, bool dual) {
    endpoint made;
    for (std::size_t i = 0; i < what.loops; ++i) {
        socket one = open_ip(what, at, dual);
        if (what.reuse_port || i > 0)
            set_option(one, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
        if (::bind(one.get(), at.raw(), at.size()) != 0)
            fail(dual ? "*:" + std::to_string(at.port()) : at.text());
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

// Only what nobody listens on any more makes room: a socket whose connect is refused.
void make_room(const bind_request& what, const address& at) {
    struct ::stat found{};
    if (::lstat(what.path.c_str(), &found) != 0)
        return;
    if (!S_ISSOCK(found.st_mode))
        fail(what.path, EEXIST);
    const socket probe = open_socket(AF_UNIX, type_of(what.transport));
    const int refused = ::connect(probe.get(), at.raw(), at.size()) == 0 ? 0 : errno;
    if (refused != ECONNREFUSED)
        fail(what.path, EADDRINUSE);
    if (::unlink(what.path.c_str()) != 0)
        fail(what.path);
}

endpoint bind_unix(const bind_request& what) {
    const auto at = address::unix_socket(what.path);
    if (!at)
        fail(what.path, ENAMETOOLONG);
    endpoint made;
    make_room(what, *at);
    socket one = open_socket(AF_UNIX, type_of(what.transport));
    // Nobody may connect between bind and chmod.
    if (what.mode && ::fchmod(one.get(), *what.mode & ~0111u) != 0)
        fail(what.path);
    if (::bind(one.get(), at->raw(), at->size()) != 0)
        fail(what.path);
    made.file = std::make_unique<socket_file>(what.path);
    if (what.mode && ::chmod(what.path.c_str(), *what.mode) != 0)
        fail(what.path);
    // Until it listens it refuses connections like a dead one, and whoever else wants the path,
    // another section or another process, would take it for that.
    if (what.transport == transport_kind::unix_stream)
        listen(what.path, one, SOMAXCONN);
    made.at = *at;
    made.name = what.path;
    made.sockets.push_back(std::move(one));
    return made;
}

} // namespace

// Labels of letters, digits, dashes and underscores, the last one not a number: 256.1.1.1 is a
// mistyped address. Letters beyond ASCII are left to the resolver.
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

socket_file::socket_file(std::string path) : path_(std::move(path)) {
    const auto found = identity(path_);
    if (!found)
        fail(path_);
    identity_ = *found;
}

socket_file::~socket_file() {
    std::ignore = remove();
}

// By a descriptor of the very file: the folder may be one where others put links in its place.
std::error_code socket_file::give_to(uid_t user, gid_t group) noexcept {
    const base::descriptor file(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct ::stat found{};
    if (!file || ::fstat(file.get(), &found) != 0)
        return last_error();
    if (identity(found) != identity_)
        return std::make_error_code(std::errc::no_such_file_or_directory);
    return ::fchownat(file.get(), "", user, group, AT_EMPTY_PATH) == 0 ? std::error_code{}
                                                                       : last_error();
}

std::error_code socket_file::remove() noexcept {
    if (!std::exchange(there_, false) || identity(path_) != identity_)
        return {};
    return ::unlink(path_.c_str()) == 0 ? std::error_code{} : last_error();
}

namespace {

/// What was bound stays in `all` when one fails.
void bind_addresses(const bind_request& what, std::vector<endpoint>& all) {
    if (what.addresses.empty())
        all.push_back(bind_any(what, what.port));
    std::uint16_t port = what.port;
    for (const std::string& host : what.addresses) {
        if (host == "*") {
            all.push_back(bind_any(what, port));
        } else {
            for (const address& at : resolve(host, port)) {
                all.push_back(bind_ip(what, at, false));
                port = all.back().at.port();
            }
        }
        port = all.back().at.port();
    }
}

} // namespace

// A port that was picked at the first address may be in use at another one. What was tried stays
// bound meanwhile, so that the system picks another.
std::vector<endpoint> bind(const bind_request& what) {
    if (is_unix(what.transport)) {
        std::vector<endpoint> one;
        one.push_back(bind_unix(what));
        return one;
    }
    std::vector<std::vector<endpoint>> tried;
    for (;;) {
        std::vector<endpoint> all;
        try {
            bind_addresses(what, all);
            return all;
        } catch (const std::system_error& failed) {
            if (what.port != 0 || all.empty() || tried.size() == most_picks ||
                failed.code().value() != EADDRINUSE)
                throw;
        }
        tried.push_back(std::move(all));
    }
}

void listen(const std::string& name, const socket& one, int backlog) {
    if (::listen(one.get(), backlog) != 0)
        fail(name);
}

} // namespace aio::net
