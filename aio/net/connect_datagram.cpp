#include <aio/async/timeout.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/connect_datagram.hpp>
#include <aio/net/dialing.hpp>
#include <aio/net/resolver.hpp>

#include <boost/asio/this_coro.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace aio::net {

namespace {

/// A unix socket without a name gets one from the system, which is no file.
void name_socket(const socket& made, const std::optional<address>& source) {
    if (source) {
        if (::bind(made.get(), source->raw(), source->size()) != 0)
            throw base::system_failure(errno, source->text());
        return;
    }
    ::sockaddr unnamed{};
    unnamed.sa_family = AF_UNIX;
    if (::bind(made.get(), &unnamed, sizeof unnamed.sa_family) != 0)
        throw base::system_failure(errno, "a name for the socket");
}

struct order {
    async::loop& home;
    std::optional<address> source;
    std::string interface;
};

socket open_for(const address& peer, async::loop& home) {
    const auto& network = dialing::of(home);
    if (network.network())
        throw base::system_failure::in_words(
            EOPNOTSUPP, peer.text() + ": this network has no datagrams"
        );
    socket made = open_socket(peer.raw()->sa_family, SOCK_DGRAM);
    const auto descriptors = network.descriptors();
    if (descriptors &&
        !descriptors->admits(made.get(), connection_kind::outgoing, home.now().time_since_epoch()))
        throw base::system_failure(EMFILE, peer.text());
    return made;
}

socket connect_to(const address& peer, const order& how) {
    socket made = open_for(peer, how.home);
    const std::optional<address>& source = how.source;
    if (source && source->kind() != peer.kind())
        throw base::system_failure(EAFNOSUPPORT, peer.text());
    if (!how.interface.empty() && peer.kind() != family::unix_path)
        set_interface(made, how.interface);
    if (source || peer.kind() == family::unix_path)
        name_socket(made, source);
    if (::connect(made.get(), peer.raw(), peer.size()) != 0)
        throw base::system_failure(errno, peer.text());
    return made;
}

socket connect_to_first(const std::vector<address>& peers, const order& how) {
    std::optional<base::system_failure> first;
    for (const address& peer : peers)
        try {
            return connect_to(peer, how);
        } catch (const base::system_failure& e) {
            if (!first)
                first = e;
        }
    throw first.value_or(base::system_failure(EADDRNOTAVAIL, "no address"));
}

} // namespace

task<socket> connect_datagram(target where, connect_options options) {
    const auto& source = options.socket_.source;
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    if (where.port == 0)
        co_return connect_to_first({where.literal().value()}, {home, std::nullopt, {}});
    const family wanted =
        source && options.family_ == family::none ? source->kind() : options.family_;
    std::vector<address> found;
    if (const auto literal = resolve_literal(where.host, where.port, wanted)) {
        found.push_back(*literal);
    } else {
        if (options.told_)
            options.told_(dial_stage::resolving);
        try {
            found = co_await async::with_timeout(
                options.timeout_,
                dialing::of(home).resolver().resolve(where.host, where.port, wanted)
            );
        } catch (const async::timeout_error&) {
            throw base::system_failure::in_words(
                ETIMEDOUT, where.text() + ": the name was not resolved in time"
            );
        }
    }
    co_return connect_to_first(found, {home, source, options.socket_.interface});
}

} // namespace aio::net
