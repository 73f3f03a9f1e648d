#pragma once

// What the clients of one loop use to resolve names and to connect. An app gives all its loops one
// resolver; a test puts its network here, in which the servers of the loop listen, too.

#include <aio/async/loop.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/api.hpp>
#include <aio/net/connectivity.hpp>
#include <aio/net/connector.hpp>
#include <aio/net/gate.hpp>
#include <aio/net/resolver.hpp>
#include <aio/net/tls_contexts.hpp>

#include <boost/asio/execution_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace aio::net {

/// What an app has for the clients of all its loops.
struct client_environment {
    std::shared_ptr<resolver> names;
    /// For reading files; its calls may be left (async::begun_calls::left). Other threads than
    /// those of `names`, which may all wait for a silent resolver. Lives longer than this.
    async::worker_pool& files;
    std::function<void(const std::string& text)> warn;
};

/// All members are called on the loop's thread.
class AIO_API dialing : public boost::asio::execution_context::service {
  public:
    static boost::asio::execution_context::id id;

    /// That of a loop, made at the first call.
    static dialing& of(async::loop& home);

    explicit dialing(boost::asio::execution_context& context);
    ~dialing() override;

    /// Replaces the system: for tests and simulations. Until the next call; what is given outlives
    /// the loop or that call. nullptr: not replaced.
    void use(net::resolver* resolver, net::connector* connector) noexcept;
    /// Replaces the system, also for the servers that bind from now on. Until the next call;
    /// nullptr: not replaced.
    void use(std::shared_ptr<net::connectivity> network) noexcept;

    /// The one in use; nullptr: the system's.
    const std::shared_ptr<net::connectivity>& network() const noexcept { return network_; }

    /// What the app has for all its loops. When it has gone, or without one, this loop has a
    /// resolver and threads of its own.
    void share(std::weak_ptr<client_environment> environment) noexcept {
        shared_ = std::move(environment);
    }

    /// Connections are made while this gate admits them; when it has gone, or without one, always.
    void limit_by(std::weak_ptr<gate> descriptors) noexcept {
        system_.limit_by(std::move(descriptors));
    }

    /// Uses what `other` uses now: for another loop of the same program.
    void follow(const dialing& other) noexcept;

    net::resolver& resolver();
    net::connector& connector() noexcept;

    /// What admits connections; nullptr: all are admitted.
    std::shared_ptr<gate> descriptors() const noexcept { return system_.limited_by().lock(); }

    /// The TLS context of clients with these rules: see tls_contexts::get().
    task<std::shared_ptr<const tls_context>> tls(tls_client_rules rules);

  private:
    /// Made when first needed.
    struct own_resolver {
        explicit own_resolver(async::loop& home);

        async::worker_pool files;
        async::worker_pool threads; ///< for names
        system_resolver names;
    };

    void shutdown() override;

    async::loop* home_ = nullptr;
    std::shared_ptr<net::connectivity> network_;
    net::resolver* resolver_ = nullptr;
    net::connector* connector_ = nullptr;
    own_resolver& own();

    std::weak_ptr<client_environment> shared_;
    std::unique_ptr<own_resolver> own_;
    tls_contexts tls_;
    system_connector system_;
};

} // namespace aio::net
