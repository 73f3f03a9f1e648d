#include <aio/base/text.hpp>
#include <aio/client/spec.hpp>
#include <aio/net/authority.hpp>
#include <aio/net/keepalive.hpp>
#include <aio/net/tunnel.hpp>
#include <aio/service/common.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace aio::client {

namespace {

constexpr const char* tls_names[] = {
    "tls_ca",
    "tls_certificate",
    "tls_key",
    "tls_name",
    "tls_alpn",
    "tls_alpn_required",
    "tls_min",
    "tls_verify"
};

// One section on its way to a spec.
class reader : service::section_reader {
  public:
    using section_reader::section_reader;

    spec read() {
        spec out;
        out.common = service::read_common(from_, typed_, to_);
        out.options = typed_;
        out.protocol = text("protocol");
        out.transport = transport();
        if (net::is_unix(out.transport))
            read_path(out);
        else
            read_hosts(out);
        read_life(out);
        read_sockets(out);
        read_tls(out);
        out.idle_timeout = typed_.find<base::duration>("idle_timeout");
        out.linger = typed_.get<base::duration>("linger");
        out.max_buffered = typed_.get<base::size>("max_buffered").bytes;
        check_meaning(out);
        return out;
    }

  private:
    net::transport_kind transport() const {
        using net::transport_kind;
        const std::string name = word("transport");
        return name == "udp"             ? transport_kind::udp
               : name == "unix"          ? transport_kind::unix_stream
               : name == "unix-datagram" ? transport_kind::unix_datagram
                                         : transport_kind::tcp;
    }

    void read_path(spec& out) {
        const std::string path = text("path");
        if (!from_.find("path"))
            to_.error(
                from_.where(),
                fmt::format("Section [{}] must specify path to connect to", from_.name())
            );
        if (path.empty())
            return;
        const bool abstract = path.front() == '@';
        net::target made{
            abstract ? net::target::kind::abstract : net::target::kind::unix_path,
            {},
            0,
            abstract ? path.substr(1) : path
        };
        if (made.literal())
            out.targets.push_back(std::move(made));
        else
            error(
                "path",
                fmt::format(
                    "[{}] path: {}",
                    from_.name(),
                    abstract && path.size() == 1 ? "the name is missing"
                                                 : "longer than a unix socket can have, 107 bytes"
                )
            );
    }

    void read_hosts(spec& out) {
        if (!from_.find("address")) {
            to_.error(
                from_.where(),
                fmt::format("Section [{}] must specify address to connect to", from_.name())
            );
            return;
        }
        const auto places = typed_.entries_where("address");
        const auto entries = typed_.find<base::list>("address").value_or(base::list{});
        for (std::size_t i = 0; i < entries.size(); ++i)
            read_host(out, entries[i], i < places.size() ? places[i] : typed_.where("address"));
    }

    void read_host(spec& out, const std::string& entry, const base::location& place) {
        const auto wrong = [&](const std::string& why, std::string hint) {
            to_.error(place, fmt::format("[{}] address: {}", from_.name(), why), std::move(hint));
        };
        if (entry == "*")
            return wrong("* is for servers: a client needs a host", {});
        std::string host = entry;
        auto port = static_cast<std::uint16_t>(typed_.find<std::int64_t>("port").value_or(0));
        if (!net::names_a_host(entry)) {
            auto read = net::authority::parse(entry, 0, "bank.example:4000");
            if (const auto* why = std::get_if<net::target_mistake>(&read))
                return wrong(
                    why->text,
                    "one host per line, such as bank.example, 10.0.0.1 or ::1; tcp:// is not part "
                    "of it"
                );
            host = std::get<net::authority>(read).host;
            port = std::get<net::authority>(read).port;
        } else if (host.starts_with('[')) {
            host = host.substr(1, host.size() - 2);
        }
        if (port == 0)
            return need_port();
        out.targets.push_back({net::target::kind::tcp, std::move(host), port, {}});
    }

    void need_port() {
        if (!std::exchange(told_port_, true) && !from_.find("port"))
            to_.error(
                from_.where(),
                fmt::format("Section [{}] must specify port to connect to", from_.name())
            );
    }

    void read_life(spec& out) {
        out.connections = static_cast<std::size_t>(typed_.get<std::int64_t>("connections"));
        out.wait_connected = typed_.get<bool>("wait_connected");
        out.reconnect.backoff = typed_.get<base::duration>("backoff");
        out.reconnect.backoff_max = typed_.get<base::duration>("backoff_max");
        out.reconnect.steady = typed_.get<base::duration>("steady");
        if (const auto most = typed_.find<std::int64_t>("connect_attempts"))
            out.reconnect.attempts = static_cast<std::size_t>(*most);
        if (out.reconnect.backoff > out.reconnect.backoff_max)
            error(
                own("backoff_max") ? "backoff_max" : "backoff",
                fmt::format(
                    "[{}] backoff = {} is longer than backoff_max = {}",
                    from_.name(),
                    base::format(out.reconnect.backoff),
                    base::format(out.reconnect.backoff_max)
                )
            );
    }

    void read_sockets(spec& out) {
        out.how.timeout(typed_.get<base::duration>("connect_timeout"));
        out.how.attempt_delay(typed_.find<base::duration>("attempt_delay"));
        out.how.no_delay(typed_.get<bool>("no_delay"));
        out.how.user_timeout(typed_.find<base::duration>("user_timeout"));
        std::optional<net::keepalive> keepalive;
        if (const auto silence = typed_.find<base::duration>("keepalive"))
            keepalive = {
                *silence,
                typed_.get<base::duration>("keepalive_interval"),
                static_cast<int>(typed_.get<std::int64_t>("keepalive_probes"))
            };
        out.how.keepalive(keepalive);
        read_checked("source", [&](const std::string& value) { out.how.source(value); });
        read_checked("interface", [&](const std::string& value) { out.how.interface(value); });
        out.how.unsent(typed_.find<base::size>("unsent"));
        if (const std::string version = word("proxy_protocol"); version != "no")
            out.how.announce(
                version == "v1" ? net::proxy_header::format::text
                                : net::proxy_header::format::binary
            );
        read_checked("proxy", [&](const std::string& value) { out.how.proxy(value); });
    }

    void read_tls(spec& out) {
        out.tls = typed_.get<bool>("tls");
        if (!out.tls) {
            for (const char* option : tls_names)
                belongs(option, "tls = yes");
            return;
        }
        out.verified = typed_.get<bool>("tls_verify");
        net::tls_client how;
        how.ca(text("tls_ca"));
        if (const std::string path = text("tls_certificate"); !path.empty())
            how.certificate(path, text("tls_key"));
        else
            belongs("tls_key", "tls_certificate");
        how.name(text("tls_name"));
        how.least(word("tls_min"));
        how.verify(out.verified ? net::tls_verify::yes : net::tls_verify::no);
        read_alpn(how);
        out.how.tls(std::move(how));
        for (net::target& each : out.targets)
            each.how = net::target::kind::tls;
    }

    void read_alpn(net::tls_client& how) {
        const auto protocols = typed_.find<base::list>("tls_alpn");
        if (!protocols)
            return belongs("tls_alpn_required", "tls_alpn");
        try {
            how.alpn(
                *protocols,
                typed_.get<bool>("tls_alpn_required") ? net::tls_alpn::required
                                                      : net::tls_alpn::offered
            );
        } catch (const std::invalid_argument& e) {
            error("tls_alpn", fmt::format("[{}] tls_alpn: {}", from_.name(), e.what()));
        }
    }

    template <typename F>
    void read_checked(std::string_view option, F set) {
        const std::string value = text(option);
        if (value.empty())
            return;
        try {
            set(value);
        } catch (const std::invalid_argument& e) {
            error(option, fmt::format("[{}] {}: {}", from_.name(), option, e.what()));
        }
    }

    void check_meaning(const spec& out) {
        const auto only = [&](std::string_view where, std::initializer_list<const char*> names) {
            for (const char* option : names)
                belongs(option, where);
        };
        if (out.protocol.empty() && !from_.find("protocol"))
            only(
                "protocol",
                {"wait_connected",
                 "backoff",
                 "backoff_max",
                 "steady",
                 "connect_attempts",
                 "connections",
                 "idle_timeout",
                 "linger",
                 "max_buffered"}
            );
        const bool path = net::is_unix(out.transport);
        if (path)
            only("transport = tcp or udp", {"address", "port", "source", "interface"});
        else
            only("transport = unix or unix-datagram", {"path"});
        if (out.transport != net::transport_kind::tcp)
            only(
                "transport = tcp",
                {"proxy",
                 "attempt_delay",
                 "keepalive",
                 "keepalive_interval",
                 "keepalive_probes",
                 "user_timeout",
                 "no_delay",
                 "unsent",
                 "tls"}
            );
        if (net::is_datagram(out.transport))
            only(
                "transport = tcp or unix",
                {"proxy_protocol", "idle_timeout", "linger", "max_buffered"}
            );
    }

    bool told_port_ = false;
};

} // namespace

spec read_spec(const service::section_source& from) {
    return reader{from, options()}.read();
}

} // namespace aio::client
