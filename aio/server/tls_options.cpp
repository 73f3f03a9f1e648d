#include <aio/net/tls_alpn.hpp>
#include <aio/net/tls_policy.hpp>
#include <aio/server/tls_options.hpp>
#include <aio/service/section_reader.hpp>

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::server {

namespace {

using config::type;

constexpr const char* no = "no";

std::vector<config::text_mistake> as_text(std::vector<net::tls_name_mistake> from) {
    std::vector<config::text_mistake> all;
    for (net::tls_name_mistake& each : from)
        all.push_back({each.offset, std::move(each.text), std::move(each.hint)});
    return all;
}

std::vector<config::text_mistake> cipher_mistakes(std::string_view text) {
    std::vector<net::tls_name_mistake> found;
    net::read_ciphers(text, found);
    return as_text(std::move(found));
}

std::vector<config::text_mistake> group_mistakes(std::string_view text) {
    std::vector<net::tls_name_mistake> found;
    net::read_groups(text, found);
    return as_text(std::move(found));
}

void declare_certificates(config::schema& s) {
    s.add(
         "tls_certificate",
         type::list,
         "PEM file with the certificate, then its chain; enables TLS. Several, one per line: a "
         "client is shown the one with its name, else the first"
    )
        .filled();
    s.add(
         "tls_key",
         type::list,
         "PEM file with the key of each certificate, in the same order; default: tls_certificate"
    )
        .filled();
    s.option(
        "tls_sni",
        base::choice{"first", {"first", "strict"}},
        "a client whose name no certificate has is shown the first, or is refused"
    );
}

void declare_watch(config::schema& s) {
    s.option(
         "tls_watch",
         base::duration{std::chrono::seconds(60)},
         "how often the files are looked at; changed ones are used for new connections"
    )
        .least(0.001)
        .words({no});
}

void declare_clients(config::schema& s) {
    s.add(
         "tls_ca",
         type::string,
         "PEM file or folder with the certificates of the authorities that sign client "
         "certificates, "
         "and with their revocation lists"
    )
        .filled();
    s.option(
        "tls_client",
        base::choice{"none", {"none", "request", "require"}},
        "whether clients are asked for a certificate"
    );
    s.add(
         "tls_client_names",
         type::list,
         "names in the certificates of clients that may come, one per line; default: all"
    )
        .filled();
}

void declare_policy(config::schema& s) {
    s.option("tls_min", base::choice{"1.2", {"1.2", "1.3"}}, "lowest accepted version of TLS");
    s.option(
        "tls_policy",
        base::choice{"intermediate", {"intermediate", "modern"}},
        "versions and ciphers: TLS 1.2 with forward secrecy and 1.3, or 1.3 only"
    );
    s.add("tls_ciphers", type::string, "cipher suites in place of those of tls_policy")
        .filled()
        .check(cipher_mistakes);
    s.add(
         "tls_curves",
         type::string,
         "groups of the key exchange in place of those of tls_policy: X25519 P-256 P-384"
    )
        .filled()
        .check(group_mistakes);
    s.add(
         "tls_alpn",
         type::list,
         "application protocols, the preferred one first; a client that offers none of them is "
         "refused"
    )
        .filled();
    s.option("tls_alpn_required", false, "a client has to offer application protocols");
}

void declare_handshakes(config::schema& s) {
    s.option("handshakes", 1000, "TLS handshakes at a time; others wait, up to handshake_timeout")
        .least(1);
}

void declare_tickets(config::schema& s) {
    s.option(
         "tls_tickets",
         base::duration{std::chrono::hours(12)},
         "how long a session may be resumed, and how often the keys of its tickets are turned"
    )
        .least(1)
        .most(7 * 24 * 3600)
        .words({no});
    s.add(
         "tls_ticket_keys",
         type::string,
         "file with ticket keys of 80 random bytes, for several processes; the first one seals"
    )
        .filled();
}

constexpr std::string_view of_tls[] = {
    "tls_key",
    "tls_sni",
    "tls_ca",
    "tls_client",
    "tls_client_names",
    "tls_min",
    "tls_policy",
    "tls_ciphers",
    "tls_curves",
    "tls_alpn",
    "tls_alpn_required",
    "tls_tickets",
    "tls_ticket_keys",
    "tls_watch",
    "handshakes",
    "handshake_timeout"
};

class reader : service::section_reader {
  public:
    using section_reader::section_reader;

    std::optional<net::tls_options> read(const net::bind_request& where) {
        if (list("tls_certificate").empty()) {
            for (const std::string_view option : of_tls)
                belongs(option, "tls_certificate");
            return std::nullopt;
        }
        if (net::is_datagram(where.transport))
            error(
                "tls_certificate",
                fmt::format("[{}] TLS is for transport = tcp and unix only", from_.name())
            );
        net::tls_options out;
        read_certificates(out);
        read_clients(out);
        read_policy(out);
        read_alpn(out);
        read_tickets(out);
        return out;
    }

  private:
    base::list list(std::string_view option) const {
        return typed_.find<base::list>(option).value_or(base::list{});
    }

    void read_certificates(net::tls_options& out) {
        const base::list paths = list("tls_certificate"), keys = list("tls_key");
        if (!keys.empty() && keys.size() != paths.size())
            error(
                "tls_key",
                fmt::format(
                    "[{}] tls_key has {} file{} for {} in tls_certificate",
                    from_.name(),
                    keys.size(),
                    keys.size() == 1 ? "" : "s",
                    paths.size()
                ),
                "a key for each certificate, in the same order; name the certificate's file again "
                "where the key is in it"
            );
        const auto key_of = [&](std::size_t place) {
            return place < keys.size() && keys[place] != paths[place] ? keys[place] : "";
        };
        out.certificate = paths.front();
        out.key = key_of(0);
        for (std::size_t i = 1; i < paths.size(); ++i)
            out.others.push_back({paths[i], key_of(i)});
        if (word("tls_sni") == "strict")
            out.unknown = net::unknown_name::refused;
    }

    void read_clients(net::tls_options& out) {
        out.ca = text("tls_ca");
        out.client_names = list("tls_client_names");
        const std::string client = word("tls_client");
        out.client = client == "require"   ? net::client_certificate::require
                     : client == "request" ? net::client_certificate::request
                                           : net::client_certificate::none;
        if (out.client == net::client_certificate::none)
            for (const std::string_view option : {"tls_ca", "tls_client_names"})
                belongs(option, "tls_client = request or require");
        else if (out.ca.empty())
            error(
                "tls_client",
                fmt::format("[{}] tls_client = {} needs tls_ca", from_.name(), client),
                "the file or folder with the certificates that sign those of clients"
            );
    }

    void read_policy(net::tls_options& out) {
        std::vector<net::tls_name_mistake> said_already;
        out.least = word("tls_min");
        out.ciphers = net::read_ciphers(text("tls_ciphers"), said_already);
        out.groups = net::read_groups(text("tls_curves"), said_already);
        if (word("tls_policy") != "modern")
            return;
        out.policy = net::tls_policy::modern;
        if (own("tls_min") && out.least == "1.2")
            error(
                "tls_min",
                fmt::format("[{}] tls_min = 1.2 contradicts tls_policy = modern", from_.name()),
                "modern is TLS 1.3 only"
            );
        if (!out.ciphers.before_1_3.empty())
            error(
                "tls_ciphers",
                fmt::format(
                    "[{}] tls_ciphers: {} belongs to TLS 1.2, which tls_policy = modern excludes",
                    from_.name(),
                    out.ciphers.before_1_3.substr(0, out.ciphers.before_1_3.find(':'))
                )
            );
    }

    void read_alpn(net::tls_options& out) {
        out.alpn = list("tls_alpn");
        if (out.alpn.empty())
            return belongs("tls_alpn_required", "tls_alpn");
        if (typed_.get<bool>("tls_alpn_required"))
            out.chosen = net::tls_alpn::required;
        try {
            net::alpn_wire(out.alpn);
        } catch (const std::invalid_argument& e) {
            error("tls_alpn", fmt::format("[{}] tls_alpn: {}", from_.name(), e.what()));
        }
    }

    void read_tickets(net::tls_options& out) {
        out.ticket_keys = text("tls_ticket_keys");
        out.tickets = typed_.find<base::duration>("tls_tickets");
        if (!out.tickets)
            belongs("tls_ticket_keys", "a time in tls_tickets");
    }
};

} // namespace

void declare_tls(config::schema& target) {
    declare_certificates(target);
    declare_clients(target);
    declare_policy(target);
    declare_tickets(target);
    declare_watch(target);
    declare_handshakes(target);
}

std::optional<net::tls_options> read_tls(
    const config::section& section,
    const config::options& typed,
    const net::bind_request& where,
    base::diagnostics& problems
) {
    return reader(section, typed, problems).read(where);
}

} // namespace aio::server
