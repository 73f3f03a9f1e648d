#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/net/target.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace aio::net {

namespace {

using result = std::variant<target, target_mistake>;

constexpr std::size_t longest_socket_name = 107;

result
of_host(target::kind how, std::string_view text, std::size_t offset, std::string_view example) {
    auto read = authority::parse(text, offset, example);
    if (auto* why = std::get_if<target_mistake>(&read))
        return std::move(*why);
    auto& found = std::get<authority>(read);
    return target{how, std::move(found.host), found.port, {}};
}

result of_socket(target::kind how, std::string_view name, std::size_t offset) {
    const bool abstract = how == target::kind::abstract;
    const std::string_view what = abstract ? "the name" : "the path";
    if (name.empty())
        return target_mistake{offset, fmt::format("{} of the unix socket is missing", what), {}};
    if (!abstract && name.front() != '/')
        return target_mistake{
            offset, "the path of a unix socket begins with '/'", "write it as in unix:/run/app.sock"
        };
    if (const std::size_t zero = name.find('\0'); zero != name.npos)
        return target_mistake{offset + zero, fmt::format("a zero byte in {}", what), {}};
    if (name.size() > longest_socket_name)
        return target_mistake{
            offset + longest_socket_name,
            fmt::format(
                "{} of a unix socket has at most {} bytes, this one has {}",
                what,
                longest_socket_name,
                name.size()
            ),
            {}
        };
    return target{how, {}, 0, std::string(name)};
}

result of_unix(std::string_view name, std::size_t offset) {
    if (name.starts_with("///")) // as in a URL without a host
        return of_socket(target::kind::unix_path, name.substr(2), offset + 2);
    if (name.starts_with("//"))
        return target_mistake{
            offset + 2, "a unix socket has no host", "write it as in unix:/run/app.sock"
        };
    if (name.starts_with('@'))
        return of_socket(target::kind::abstract, name.substr(1), offset + 1);
    return of_socket(target::kind::unix_path, name, offset);
}

target_mistake unknown_scheme(std::string_view scheme) {
    static const std::array<std::string, 3> known{"tcp", "tls", "unix"};
    target_mistake made{
        0,
        fmt::format("unknown scheme '{}'", base::visible(scheme, base::layout::one_line)),
        base::did_you_mean(scheme, known)
    };
    const std::string lower = base::lower_ascii(scheme);
    if (lower == "https" || lower == "ssl" || lower == "wss")
        made.hint = "a connection with TLS is tls://HOST:PORT";
    else if (made.hint.empty())
        made.hint = "there are tcp://, tls:// and unix:";
    return made;
}

} // namespace

std::variant<target, target_mistake> target::parse(std::string_view text) {
    if (text.empty())
        return target_mistake{0, "the address is empty", "write it as in bank.example:443"};
    if (text.front() == '@')
        return of_socket(kind::abstract, text.substr(1), 1);
    if (base::equal_ignoring_case(text.substr(0, 5), "unix:"))
        return of_unix(text.substr(5), 5);
    const auto split = split_scheme(text);
    if (!split)
        return of_host(kind::tcp, text, 0, "bank.example:443");
    const std::string scheme = base::lower_ascii(split->scheme);
    if (scheme != "tcp" && scheme != "tls")
        return unknown_scheme(split->scheme);
    const std::size_t offset = scheme.size() + 3;
    return scheme == "tls" ? of_host(kind::tls, split->rest, offset, "tls://bank.example:443")
                           : of_host(kind::tcp, split->rest, offset, "tcp://bank.example:443");
}

std::string target::text() const {
    switch (how) {
    case kind::tcp: // unix:80 would be a path
        return (base::equal_ignoring_case(host, "unix") ? "tcp://" : "") +
               authority{host, port}.text();
    case kind::tls:
        return "tls://" + authority{host, port}.text();
    case kind::unix_path:
        return (path.starts_with("//") ? "unix://" : "unix:") + path;
    case kind::abstract:
        return "@" + path;
    }
    return {};
}

std::optional<address> target::literal() const {
    switch (how) {
    case kind::unix_path:
        return address::unix_socket(path);
    case kind::abstract:
        return address::abstract_socket(path);
    default:
        return address::parse(host, port);
    }
}

std::string target::tls_name() const {
    if (host.find(':') != host.npos)
        return host.substr(0, host.find('%'));
    return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

} // namespace aio::net
