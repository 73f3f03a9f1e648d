#include <aio/server/builder_state.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/standard.hpp>

#include <stdexcept>
#include <utility>

namespace aio::server {

handle::~handle() = default;

builder::builder(context of, std::shared_ptr<state> with)
    : context(std::move(of)), state_(std::move(with)) {}

std::string builder::address() const {
    const auto& where = state_->plan->spec.where;
    if (!where.path.empty())
        return where.path;
    std::string all;
    for (const std::string& one : where.addresses)
        all += (all.empty() ? "" : " ") + one;
    return all.empty() ? "*" : all;
}

std::uint16_t builder::port() const {
    return state_->port;
}

const handler* builder::protocol() const noexcept {
    return state_->plan->protocol ? &*state_->plan->protocol : nullptr;
}

std::unique_ptr<handle> builder::serve(handler with) {
    const spec& of = state_->plan->spec;
    if (takes_datagrams(with) != net::is_datagram(of.where.transport))
        throw std::invalid_argument(
            std::string(describe(with)) + " does not go with the section's transport"
        );
    if (state_->bound.empty())
        throw std::logic_error("the sockets of the section are taken already");
    auto shared = std::make_shared<serving>(*this, std::move(with), *state_->log);
    shared->label = name();
    shared->section = section();
    shared->tls = state_->tls;
    shared->most = of.max_connections;
    shared->idle = of.idle_timeout;
    return std::make_unique<standard>(
        *state_->home, state_->loops, std::move(state_->bound), of.backlog, std::move(shared)
    );
}

std::vector<int> builder::take_sockets() {
    std::vector<int> all;
    for (net::endpoint& one : state_->bound) {
        for (net::socket& each : one.sockets)
            all.push_back(each.release());
        if (one.file)
            state_->files.push_back(std::move(one.file));
    }
    state_->bound.clear();
    return all;
}

} // namespace aio::server
