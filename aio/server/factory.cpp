#include <aio/server/builder_state.hpp>
#include <aio/server/factory.hpp>
#include <aio/server/standard.hpp>

#include <stdexcept>
#include <utility>

namespace aio::server {

handle::~handle() = default;

std::vector<net::endpoint> builder::state::lend() {
    if (std::exchange(taken, true))
        throw std::logic_error("the sockets of the section are taken already");
    return sockets.copies();
}

builder::builder(aio::server::context own_context, std::shared_ptr<state> prepared)
    : server_context(std::move(own_context)), state_(std::move(prepared)) {}

std::string builder::address() const {
    const auto& where = state_->plan->spec.where;
    if (!where.path.empty())
        return where.path;
    std::string all;
    for (const std::string& address : where.addresses)
        all += (all.empty() ? "" : " ") + address;
    return all.empty() ? "*" : all;
}

std::uint16_t builder::port() const {
    return state_->port;
}

const handler* builder::protocol() const noexcept {
    return state_->plan->protocol ? &*state_->plan->protocol : nullptr;
}

std::unique_ptr<handle> builder::serve(handler protocol) {
    const spec& section_spec = state_->plan->spec;
    if (takes_datagrams(protocol) != net::is_datagram(section_spec.where.transport))
        throw std::invalid_argument(
            std::string(describe(protocol)) + " does not go with the section's transport"
        );
    std::vector<net::endpoint> sockets = state_->lend();
    auto shared = std::make_shared<serving>(
        *this, section(), std::move(protocol), section_spec.limits, *state_->log
    );
    if (state_->tls) {
        shared->tls = state_->tls->current;
        shared->handshake_places = std::make_unique<places>(section_spec.handshakes);
    }
    return std::make_unique<standard>(
        *state_->home, state_->loops, std::move(sockets), std::move(shared)
    );
}

std::vector<int> builder::take_sockets() {
    std::vector<int> all;
    for (net::endpoint& endpoint : state_->lend()) {
        if (endpoint.listener)
            throw std::logic_error("there are no sockets in this network");
        for (net::socket& each : endpoint.sockets)
            all.push_back(each.release());
    }
    return all;
}

} // namespace aio::server
