#include <aio/async/sleep.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/net/error.hpp>
#include <aio/testing/link.hpp>
#include <aio/testing/place.hpp>
#include <aio/testing/world.hpp>

#include <fmt/format.h>
#include <netdb.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace aio::testing {

namespace {

constexpr std::uint16_t first_picked_port = 40000;
constexpr std::uint16_t first_source_port = 32768;
constexpr base::duration silence = std::chrono::seconds(10);

[[noreturn]] void not_resolved(const std::string& name, int reason) {
    throw std::system_error(
        reason, net::resolver_category(), fmt::format("cannot resolve '{}'", name)
    );
}

} // namespace

world::world() {
    name("localhost", {"127.0.0.1", "::1"});
}

void world::check_thread() {
    const auto here = std::this_thread::get_id();
    if (only_ == std::thread::id())
        only_ = here;
    if (only_ != here)
        throw std::logic_error("the loops of a network of a test have to share one thread");
}

void world::name(const std::string& name, const std::vector<std::string>& addresses) {
    std::vector<net::address> all;
    for (const std::string& each : addresses) {
        const auto read = net::address::parse(each, 0);
        if (!read)
            throw std::invalid_argument("no address: " + each);
        all.push_back(*read);
    }
    known_[name] = std::move(all);
}

std::vector<net::address>
world::addresses_of(const std::string& name, std::uint16_t port, net::family wanted) const {
    std::vector<net::address> all;
    if (const auto found = known_.find(name); found != known_.end())
        for (net::address each : found->second)
            if (wanted == net::family::none || each.kind() == wanted) {
                each.port(port);
                all.push_back(each);
            }
    if (all.empty())
        not_resolved(name, EAI_NONAME);
    return all;
}

task<std::vector<net::address>>
world::names::resolve(std::string name, std::uint16_t port, net::family wanted) {
    if (const auto literal = net::resolve_literal(name, port, wanted))
        co_return std::vector<net::address>{*literal};
    if (of.lookup_time > base::duration::zero())
        co_await async::sleep(of.lookup_time);
    using how = testing::network::names;
    if (of.parted_ || of.lookups == how::silent) {
        co_await async::sleep(silence);
        throw base::system_failure(ETIMEDOUT, fmt::format("cannot resolve '{}'", name));
    }
    if (of.lookups == how::failing)
        not_resolved(name, EAI_AGAIN);
    co_return of.addresses_of(name, port, wanted);
}

std::vector<net::endpoint> world::bind(const net::bind_request& request) {
    if (net::is_datagram(request.transport))
        throw base::system_failure::in_words(EOPNOTSUPP, "this network has no datagrams");
    std::vector<net::endpoint> all;
    if (net::is_unix(request.transport)) {
        const auto at = net::address::unix_socket(request.path);
        if (!at)
            throw base::system_failure(ENAMETOOLONG, request.path);
        all.push_back(bind_at(request.path, *at));
        all.back().listener->listen(request.path, SOMAXCONN);
        return all;
    }
    std::uint16_t port = request.port;
    if (request.addresses.empty())
        bind_host("*", port, all);
    for (const std::string& host : request.addresses)
        bind_host(host, port, all);
    return all;
}

void world::bind_host(
    const std::string& host, std::uint16_t& port, std::vector<net::endpoint>& all
) {
    if (port == 0)
        port = pick_port();
    if (host == "*") {
        all.push_back(bind_at(fmt::format("*:{}", port), *net::address::parse("::", port)));
        return;
    }
    std::vector<net::address> found;
    if (const auto literal = net::address::parse(host, port))
        found.push_back(*literal);
    else
        found = addresses_of(host, port, net::family::none);
    for (const net::address& each : found)
        all.push_back(bind_at(each.text(), each));
}

net::endpoint world::bind_at(const std::string& name, const net::address& at) {
    if (places_.contains(name))
        throw base::system_failure(EADDRINUSE, name);
    net::endpoint made;
    made.at = at;
    made.name = name;
    const auto bound = std::make_shared<place>(shared_from_this(), name);
    places_[name] = bound.get();
    made.listener = bound;
    return made;
}

std::uint16_t world::pick_port() noexcept {
    return static_cast<std::uint16_t>(first_picked_port + next_port_++ % 20000);
}

place* world::find(const net::address& target) const {
    for (const std::string& name : {target.text(), fmt::format("*:{}", target.port())})
        if (const auto found = places_.find(name); found != places_.end())
            return found->second;
    return nullptr;
}

fate world::fate_of(const net::address& target) {
    const std::uint64_t number = begun++;
    return decide ? decide(target, number) : usual;
}

net::address
world::source_for(const net::address& target, const net::client_socket_options& options) {
    if (target.kind() == net::family::unix_path)
        return {};
    net::address made = options.source.value_or(
        *net::address::parse(target.kind() == net::family::v6 ? "fd00::1" : "10.255.0.1", 0)
    );
    if (made.port() == 0)
        made.port(static_cast<std::uint16_t>(first_source_port + next_source_++ % 28000));
    return made;
}

std::uint64_t world::add(link& made) {
    links_[next_link_] = &made;
    return next_link_++;
}

void world::remove(const link& gone) noexcept {
    links_.erase(gone.number_);
}

// A link may go, and another one may come, while they are called.
void world::each(const std::function<void(link&)>& call) {
    std::vector<std::shared_ptr<link>> all;
    for (const auto& [number, each] : links_)
        if (auto held = each->weak_from_this().lock())
            all.push_back(std::move(held));
    for (const auto& each : all)
        call(*each);
}

void world::part() {
    parted_ = true;
    each([](link& one) { one.part(); });
}

void world::heal() {
    parted_ = false;
    each([](link& one) { one.heal(); });
}

} // namespace aio::testing
