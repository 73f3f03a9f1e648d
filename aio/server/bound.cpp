#include <aio/async/sleep.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/tls_rights.hpp>
#include <aio/server/bound.hpp>

#include <chrono>
#include <utility>

namespace aio::server {

namespace {

constexpr auto pause = std::chrono::milliseconds(10);

struct fetched {
    net::host_addresses hosts;
    std::shared_ptr<const net::tls_context> tls;
    net::file_stamps tls_files;
    std::vector<std::string> exposed;
};

/// A network that is not the system's resolves names when it binds.
std::vector<std::string> names_to_fetch(const bind_order& order, const net::connectivity* apart) {
    return apart ? std::vector<std::string>() : net::host_names(order.where);
}

// A file that changes meanwhile has another stamp at the next look.
fetched
fetch(const bind_order& order, const std::vector<std::string>& names, net::tls_common* shared) {
    fetched made{net::resolve_all(names), nullptr, {}, {}};
    if (!order.tls)
        return made;
    made.tls_files = net::stamps_of(order.tls->files());
    made.tls = net::tls_context::server(*order.tls, shared);
    made.exposed = net::exposed_keys(*order.tls);
    return made;
}

bound bind(
    log::logger& log, const bind_order& order, const fetched& found, net::connectivity* apart
) {
    std::vector<std::string> missing;
    bound made;
    made.endpoints =
        apart ? apart->bind(order.where) : net::bind(order.where, found.hosts, &missing);
    made.tls = found.tls;
    made.tls_files = found.tls_files;
    for (const std::string& address : missing)
        log.warning("{} does not listen on an address of {}", order.who, address);
    for (const std::string& line : found.exposed)
        log.warning("{}: {}", order.who, line);
    return made;
}

} // namespace

bound bind_now(
    aio::service::runtime& app, async::loop& home, log::logger& log, const bind_order& order
) {
    const auto apart = net::dialing::of(home).network();
    const std::vector<std::string> names = names_to_fetch(order, apart.get());
    return bind(log, order, fetch(order, names, app.tls().get()), apart.get());
}

task<bound>
bind_aside(aio::service::runtime& app, async::loop& home, log::logger& log, bind_order order) {
    const auto apart = net::dialing::of(home).network();
    const std::vector<std::string> names = names_to_fetch(order, apart.get());
    fetched found;
    if (order.tls || !names.empty())
        found = co_await app.lookups().run([order, names, shared = app.tls()] {
            return fetch(order, names, shared.get());
        });
    const async::time_point end =
        async::later(home.now(), std::exchange(order.where.patience, base::duration{0}));
    for (;;) {
        try {
            co_return bind(log, order, found, apart.get());
        } catch (const net::path_is_held&) {
            if (home.now() >= end)
                throw;
        }
        co_await async::sleep(pause);
    }
}

} // namespace aio::server
