#include <aio/async/worker_pool.hpp>
#include <aio/server/fetched.hpp>

#include <utility>

namespace aio::server {

fetched fetch(const net::bind_request& where, const std::optional<net::tls_options>& tls) {
    return {
        net::resolve_all(net::host_names(where)), tls ? net::tls_context::server(*tls) : nullptr
    };
}

task<fetched> fetch_aside(
    aio::service::runtime& app, net::bind_request where, std::optional<net::tls_options> tls
) {
    if (!tls && net::host_names(where).empty())
        co_return fetched();
    co_return co_await app.lookups().run([where = std::move(where), tls = std::move(tls)] {
        return fetch(where, tls);
    });
}

} // namespace aio::server
