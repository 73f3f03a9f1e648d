#include <aio/net/dialing.hpp>

namespace aio::net {

namespace {

constexpr std::size_t threads = 4;
constexpr std::size_t most_waiting = 1000;

} // namespace

boost::asio::execution_context::id dialing::id;

dialing& dialing::of(async::loop& home) {
    auto& made = boost::asio::use_service<dialing>(home.context());
    made.home_ = &home;
    return made;
}

dialing::dialing(boost::asio::execution_context& context)
    : boost::asio::execution_context::service(context) {}

dialing::~dialing() = default;

connectivity::~connectivity() = default;

dialing::own_resolver::own_resolver(async::loop& home)
    : files(net::threads, "files", most_waiting, async::begun_calls::left),
      threads(net::threads, "resolver", most_waiting, async::begun_calls::left),
      names(threads, home.time(), {}) {}

void dialing::use(net::resolver* resolver, net::connector* connector) noexcept {
    resolver_ = resolver;
    connector_ = connector;
}

void dialing::use(std::shared_ptr<net::connectivity> network) noexcept {
    network_ = std::move(network);
    if (network_)
        use(&network_->resolver(), &network_->connector());
    else
        use(nullptr, nullptr);
}

void dialing::follow(const dialing& other) noexcept {
    network_ = other.network_;
    use(other.resolver_, other.connector_);
    share(other.shared_);
    limit_by(other.system_.limited_by());
}

// Whoever calls runs in the app that has the shared one.
net::resolver& dialing::resolver() {
    if (resolver_)
        return *resolver_;
    if (const auto shared = shared_.lock())
        return *shared->names;
    return own().names;
}

dialing::own_resolver& dialing::own() {
    if (!own_)
        own_ = std::make_unique<own_resolver>(*home_);
    return *own_;
}

task<std::shared_ptr<const tls_context>> dialing::tls(tls_client_rules rules) {
    // A look at files may outlast the app.
    const auto warn = [environment = shared_](const std::string& text) {
        if (const auto app = environment.lock(); app && app->warn)
            app->warn(text);
    };
    const auto shared = shared_.lock();
    return tls_.get(*home_, shared ? shared->files : own().files, std::move(rules), warn);
}

net::connector& dialing::connector() noexcept {
    return connector_ ? *connector_ : system_;
}

void dialing::shutdown() {
    own_.reset();
}

} // namespace aio::net
