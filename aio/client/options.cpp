#include <aio/client/spec.hpp>
#include <aio/protocols/keepalive_options.hpp>

#include <limits>

namespace aio::client {

namespace {

using config::type;

constexpr const char* none = "none";
constexpr double shortest = 0.001; // of a time, in seconds

void declare_target(config::schema& s) {
    s.add(
        "protocol",
        type::string,
        "function or class that serves the connection: my.module.name; without it, code connects "
        "with aio::dialer"
    );
    s.option(
        "transport", base::choice{"tcp", {"tcp", "udp", "unix", "unix-datagram"}}, "kind of socket"
    );
    s.add(
         "address",
         type::list,
         "hosts to connect to, one per line, tried in turn; bank.example:4000 has a port of its own"
    )
        .filled();
    s.add("port", type::integer, "port to connect to").within({1, 65535});
    s.add("path", type::string, "path of a unix socket; @name: one that is no file").filled();
    s.add("source", type::string, "address of this machine to connect from").filled();
    s.add("interface", type::string, "network interface to connect by, such as eth0").filled();
    s.add(
         "proxy",
         type::string,
         "HTTP proxy that is asked for a tunnel: http://user:password@proxy.example:3128"
    )
        .filled()
        .secret();
    s.option(
        "proxy_protocol",
        base::choice{"no", {"no", "v1", "v2"}},
        "header of the PROXY protocol with which the connection begins: its own addresses, for a "
        "server that expects one"
    );
}

void declare_life(config::schema& s) {
    const reconnect_rules rules;
    s.option("connections", 1, "number of connections, each with its own life")
        .least(1)
        .most(10000);
    s.option("wait_connected", true, "the start waits for the first connection");
    s.option(
         "backoff",
         rules.backoff,
         "pause before the next attempt; it doubles, and is drawn between half and all"
    )
        .least(shortest);
    s.option("backoff_max", rules.backoff_max, "longest pause").least(shortest);
    s.option(
         "steady", rules.steady, "pauses begin anew after a connection that was up for this time"
    )
        .least(shortest);
    s.add(
         "connect_attempts",
         type::integer,
         "failed attempts in a row before the client crashes; default: any number"
    )
        .least(1)
        .words({none});
    s.option(
         "connect_timeout",
         net::connect_options::usual_timeout,
         "the longest time for an attempt: name, sockets, proxy and TLS together"
    )
        .least(shortest);
    s.option(
         "attempt_delay",
         net::race_rules().attempt_delay.value(),
         "time until the next address of a name is tried as well; none: when one has failed"
    )
        .least(0.1)
        .most(2)
        .words({none});
}

void declare_connection(config::schema& s) {
    const net::client_socket_options sockets;
    s.add("idle_timeout", type::duration, "a connection without data for this time is closed")
        .least(shortest)
        .words({none});
    s.option("linger", spec().linger, "time for the peer to close as well").least(shortest);
    s.option(
         "max_buffered",
         base::size{spec().max_buffered},
         "callback protocols: unsent bytes per connection; above this the connection is closed"
    )
        .least(1024);
    protocols::declare_keepalive(s, sockets.keepalive.value());
    s.option(
         "user_timeout",
         sockets.user_timeout.value(),
         "time that sent data may stay unconfirmed, or wait because the server does not read, "
         "before the connection is closed; none: as the system has it"
    )
        .least(shortest)
        .words({none});
    s.option("no_delay", sockets.no_delay, "send small writes at once (TCP_NODELAY)");
    s.add(
         "unsent",
         type::size,
         "bytes that the kernel takes beyond those on their way; default: what its buffers hold"
    )
        .least(1024)
        .most(std::numeric_limits<int>::max())
        .words({none});
}

void declare_tls(config::schema& s) {
    s.option("tls", false, "TLS over the connection; the server is verified");
    s.add(
         "tls_ca",
         type::string,
         "PEM file or folder with the authorities that may sign the server's certificate; default: "
         "those of the system"
    )
        .filled();
    s.add("tls_certificate", type::string, "PEM file with the client's certificate").filled();
    s.add("tls_key", type::string, "PEM file with its key; default: tls_certificate").filled();
    s.add(
         "tls_name",
         type::string,
         "name that the server's certificate has to be for; default: the host of the address"
    )
        .filled();
    s.add("tls_alpn", type::list, "application protocols, the preferred one first").filled();
    s.option("tls_alpn_required", false, "the server has to choose one of tls_alpn");
    s.option("tls_min", base::choice{"1.2", {"1.2", "1.3"}}, "lowest accepted version of TLS");
    s.option("tls_verify", true, "no: any certificate will do, so anybody can be the server");
}

config::schema declare() {
    config::schema s;
    declare_target(s);
    declare_life(s);
    declare_connection(s);
    declare_tls(s);
    return s;
}

} // namespace

const config::schema& options() {
    static const config::schema all = declare();
    return all;
}

} // namespace aio::client
