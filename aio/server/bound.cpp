#include <aio/async/sleep.hpp>
#include <aio/async/worker_pool.hpp>
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
};

// A file that changes meanwhile has another stamp at the next look.
fetched fetch(const bind_order& order, net::tls_common* shared) {
    fetched made{net::resolve_all(net::host_names(order.where)), nullptr, {}};
    if (!order.tls)
        return made;
    made.tls_files = net::stamps_of(order.tls->files());
    made.tls = net::tls_context::server(*order.tls, shared);
    return made;
}

bound bind(log::logger& log, const bind_order& order, const fetched& found) {
    std::vector<std::string> missing;
    bound made;
    made.endpoints = net::bind(order.where, found.hosts, &missing);
    made.tls = found.tls;
    made.tls_files = found.tls_files;
    for (const std::string& address : missing)
        log.warning("{} does not listen on an address of {}", order.who, address);
    return made;
}

} // namespace

bound bind_now(aio::service::runtime& app, log::logger& log, const bind_order& order) {
    return bind(log, order, fetch(order, app.tls().get()));
}

task<bound>
bind_aside(aio::service::runtime& app, async::loop& home, log::logger& log, bind_order order) {
    fetched found;
    if (order.tls || !net::host_names(order.where).empty())
        found = co_await app.lookups().run([order, shared = app.tls()] {
            return fetch(order, shared.get());
        });
    const async::time_point end =
        async::later(home.now(), std::exchange(order.where.patience, base::duration{0}));
    for (;;) {
        try {
            co_return bind(log, order, found);
        } catch (const net::path_is_held&) {
            if (home.now() >= end)
                throw;
        }
        co_await async::sleep(pause);
    }
}

} // namespace aio::server
