#include <aio/protocols/keepalive_options.hpp>

#include <chrono>

namespace aio::protocols {

void declare_keepalive(config::schema& all, const net::keepalive& usual) {
    const double longest = std::chrono::duration<double>(net::keepalive::longest).count();
    all.option(
           "keepalive", usual.silence, "time of silence before TCP probes the peer; none: never"
    )
        .least(1)
        .most(longest)
        .words({"none"});
    all.option("keepalive_interval", usual.interval, "time between two probes without an answer")
        .least(1)
        .most(longest);
    all.option(
           "keepalive_probes",
           usual.probes,
           "probes without an answer before the connection is closed"
    )
        .least(1)
        .most(net::keepalive::most_probes);
}

} // namespace aio::protocols
