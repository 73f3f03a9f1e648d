#include <aio/base/path_hint.hpp>
#include <aio/base/text.hpp>
#include <aio/server/listening.hpp>
#include <aio/server/spec.hpp>
#include <aio/server/tls_options.hpp>
#include <aio/service/common.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::server {

namespace {

config::schema declare() {
    using config::type;
    config::schema s;
    s.add(
        "protocol", type::string, "function or class that serves each connection: my.module.name"
    );
    s.add(
        "factory",
        type::string,
        "function that builds the server, from the protocol if there is one"
    );
    s.option(
        "transport", base::choice{"tcp", {"tcp", "udp", "unix", "unix-datagram"}}, "kind of socket"
    );
    s.add(
        "address",
        type::list,
        "addresses to bind to, one per line; default: all, IPv4 and IPv6 in one socket"
    );
    s.add("port", type::integer, "port to bind to; 0: a free one").within(port_range);
    s.add("path", type::string, "path of a unix socket");
    s.add("mode", type::string, "permissions of the file of a unix socket, octal: 0660").filled();
    s.option("reuse_port", false, "share the port with other processes that set this as well");
    s.option("no_delay", true, "send small writes at once (TCP_NODELAY)");
    s.option("loops", 1, "number of loops that it uses (see [aio] loops), or all")
        .least(1)
        .most(1024)
        .words({"all"});
    declare_limits(s);
    s.option(
         "max_buffered",
         base::size{limits().max_buffered},
         "callback protocols: unsent bytes per connection; above this the connection is closed"
    )
        .least(1024);
    declare_tls(s);
    return s;
}

// One section on its way to a spec.
class reader : service::section_reader {
  public:
    using section_reader::section_reader;

    spec read() {
        spec out;
        out.common = service::read_common(from_, typed_, to_);
        out.options = typed_;
        out.protocol = text("protocol");
        out.factory = text("factory");
        read_where(out.where);
        out.loops = typed_.word("loops") == "all" ? 0 : static_cast<std::size_t>(number("loops"));
        out.limits = limits_of(typed_, [this](limit_mistake wrong) { report(std::move(wrong)); });
        set_socket_options(out.where, out.limits);
        out.limits.max_buffered = typed_.get<base::size>("max_buffered").bytes;
        out.tls = read_tls(from_, typed_, out.where, to_);
        out.handshakes = static_cast<std::size_t>(typed_.get<std::int64_t>("handshakes"));
        out.tls_watch = typed_.find<base::duration>("tls_watch");
        check(out);
        return out;
    }

  private:
    std::int64_t number(std::string_view option) const {
        return typed_.find<std::int64_t>(option).value_or(1);
    }

    void report(limit_mistake wrong) {
        const config::value* written = from_.find(wrong.option);
        to_.error(
            written ? from_.place_of(*written, wrong.offset) : from_.where(),
            fmt::format("[{}] {}: {}", from_.name(), wrong.option, wrong.text),
            std::move(wrong.hint)
        );
    }

    void read_where(net::bind_request& out) {
        using net::transport_kind;
        const std::string transport = word("transport");
        out.transport = transport == "udp"             ? transport_kind::udp
                        : transport == "unix"          ? transport_kind::unix_stream
                        : transport == "unix-datagram" ? transport_kind::unix_datagram
                                                       : transport_kind::tcp;
        out.addresses = typed_.find<base::list>("address").value_or(base::list{});
        out.port = static_cast<std::uint16_t>(typed_.find<std::int64_t>("port").value_or(0));
        out.path = text("path");
        read_path(out);
        for (const std::string& address : out.addresses)
            if (!net::names_a_host(address))
                error(
                    "address",
                    fmt::format(
                        "[{}] address: neither an address nor the name of a host", from_.name()
                    ),
                    "such as 127.0.0.1, ::1, localhost or *, one per line; the port is an option "
                    "of "
                    "its own"
                );
        out.reuse_port = typed_.get<bool>("reuse_port");
        out.no_delay = typed_.get<bool>("no_delay");
        read_mode(out);
    }

    static std::string_view wrong_with(const std::string& path) {
        const std::string_view last = std::string_view(path).substr(path.rfind('/') + 1);
        if (path.empty())
            return "is empty";
        if (last.empty() || last == "." || last == "..")
            return "names a folder, not a socket in it";
        if (path.front() == '@')
            return "servers have no abstract sockets; a file of this name begins with ./";
        if (!net::address::unix_socket(path))
            return "longer than a unix socket can have, 107 bytes";
        return {};
    }

    void read_path(const net::bind_request& out) {
        const config::value* written = from_.find("path");
        if (!written || !written->good)
            return;
        if (const std::string_view wrong = wrong_with(out.path); !wrong.empty())
            error("path", fmt::format("[{}] path: {}", from_.name(), wrong));
        else if (const std::string_view hint = base::path_hint(out.path); !hint.empty())
            to_.warning(
                written->text_where,
                fmt::format(
                    "[{}] path: '{}' is the name of a folder",
                    from_.name(),
                    base::first_folder(out.path)
                ),
                std::string(hint)
            );
    }

    void read_mode(net::bind_request& out) {
        const std::string digits = text("mode");
        if (digits.empty())
            return;
        unsigned mode = 0;
        const auto end = digits.data() + digits.size();
        const auto parsed = std::from_chars(digits.data(), end, mode, 8);
        if (parsed.ec != std::errc{} || parsed.ptr != end || mode > 0777)
            error(
                "mode",
                fmt::format("[{}] mode: '{}' is not a permission", from_.name(), digits),
                "octal digits such as 0660"
            );
        else
            out.mode = mode;
    }

    void check(const spec& out) {
        check_function(out);
        check_transport(out);
    }

    void check_function(const spec& out) {
        const config::value* written = from_.find("protocol");
        if (!written)
            written = from_.find("factory");
        if (out.protocol.empty() && out.factory.empty() && (!written || written->good))
            to_.error(
                from_.where(),
                fmt::format(
                    "Section [{}] must specify one of factory or protocol to start server",
                    from_.name()
                )
            );
    }

    void check_transport(const spec& out) {
        const net::transport_kind transport = out.where.transport;
        const bool path = net::is_unix(transport);
        const std::string_view needed = path ? "path" : "port";
        if (!from_.find(needed))
            to_.error(
                from_.where(),
                fmt::format("Section [{}] must specify {} to listen on", from_.name(), needed)
            );
        for (std::string_view option : {"address", "port", "reuse_port", "no_delay"})
            if (path)
                belongs(option, "transport = tcp or udp");
        for (std::string_view option :
             {"keepalive", "keepalive_interval", "keepalive_probes", "unsent", "defer_accept"})
            if (transport != net::transport_kind::tcp)
                belongs(option, "transport = tcp");
        for (std::string_view option : {"address_connections", "address_rate", "address_prefix"})
            if (transport != net::transport_kind::tcp)
                belongs(option, "transport = tcp");
        if (!out.limits.proxy)
            for (std::string_view option : {"proxy_from", "proxy_skip"})
                belongs(option, "proxy_protocol = required");
        for (std::string_view option : {"path", "mode"})
            if (!path)
                belongs(option, "transport = unix or unix-datagram");
        if (net::is_datagram(transport))
            for (std::string_view option :
                 {"backlog",
                  "max_connections",
                  "idle_timeout",
                  "first_byte_timeout",
                  "write_timeout",
                  "max_buffered",
                  "when_full",
                  "accept_rate",
                  "allow",
                  "deny",
                  "linger"})
                belongs(option, "transport = tcp or unix");
        if (transport == net::transport_kind::unix_datagram)
            belongs("proxy_protocol", "transport = tcp, udp or unix");
    }
};

} // namespace

const config::schema& options() {
    static const config::schema all = declare();
    return all;
}

spec read_spec(const service::section_source& from) {
    return reader{from, options()}.read();
}

} // namespace aio::server
