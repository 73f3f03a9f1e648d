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
};

fetched fetch(const bind_order& order) {
    return {
        net::resolve_all(net::host_names(order.where)),
        order.tls ? net::tls_context::server(*order.tls) : nullptr
    };
}

bound bind(log::logger& log, const bind_order& order, const fetched& found) {
    std::vector<std::string> missing;
    bound made;
    made.endpoints = net::bind(order.where, found.hosts, &missing);
    made.tls = found.tls;
    for (const std::string& address : missing)
        log.warning("{} does not listen on an address of {}", order.who, address);
    return made;
}

} // namespace

bound bind_now(log::logger& log, const bind_order& order) {
    return bind(log, order, fetch(order));
}

task<bound>
bind_aside(aio::service::runtime& app, async::loop& home, log::logger& log, bind_order order) {
    fetched found;
    if (order.tls || !net::host_names(order.where).empty())
        found = co_await app.lookups().run([order] { return fetch(order); });
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
