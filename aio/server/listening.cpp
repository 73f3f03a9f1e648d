#include <aio/async/loop.hpp>
#include <aio/log/logger.hpp>
#include <aio/server/bound.hpp>
#include <aio/server/listening.hpp>
#include <aio/server/standard.hpp>

#include <utility>
#include <vector>

namespace aio::server {

namespace {

constexpr const char* port_option = "port";
constexpr const char* address_hint =
    "such as 127.0.0.1, ::1, localhost or *; the port is an option of its own";

} // namespace

std::vector<config::text_mistake> address_mistakes(std::string_view text) {
    if (net::names_a_host(text))
        return {};
    return {{0, "neither an address nor the name of a host", address_hint}};
}

std::optional<std::string> address_of(const config::options& section) {
    try {
        return section.find<std::string>("address");
    } catch (const config::option_error&) {
        return section.text("address");
    }
}

std::optional<std::uint16_t> port_of(const config::options& section) {
    const auto said = config::whole_number(section, port_option, port_range);
    return said ? std::optional(static_cast<std::uint16_t>(*said)) : std::nullopt;
}

std::uint16_t port_of(std::string_view text) {
    return static_cast<std::uint16_t>(config::whole_number_of(text, port_option, port_range));
}

namespace {

bind_order order_of(const listening& what) {
    bind_order order;
    order.where.addresses = {what.address};
    order.where.port = what.port;
    set_socket_options(order.where, what.limits);
    order.who = what.given.name();
    return order;
}

} // namespace

task<std::unique_ptr<handle>> listen(async::loop& home, listening what) {
    bound made;
    kept_sockets* const kept = what.kept;
    if (!kept || !kept->is_free() || kept->empty())
        made = co_await bind_aside(what.given.app(), home, what.given.log(), order_of(what));
    std::shared_ptr<const void> loan;
    if (kept && kept->is_free()) {
        if (kept->empty())
            kept->keep(std::move(made.endpoints));
        made.endpoints = kept->copies();
        loan = kept->loan();
    }
    stream_handler serve =
        [call = std::move(what.serve)](net::stream stream, const aio::service::context&) {
            return call(std::move(stream));
        };
    handler protocol(std::move(serve));
    if (what.refused)
        protocol.refused = [say = std::move(what.refused)](const aio::service::context&) {
            return say();
        };
    auto shared = std::make_shared<serving>(
        context(what.given.shared_data()),
        what.owner,
        std::move(protocol),
        what.limits,
        what.given.log()
    );
    shared->crash = std::move(what.crash);
    co_return std::make_unique<standard>(
        home,
        std::vector<async::loop*>{&home},
        std::move(made.endpoints),
        std::move(shared),
        std::move(loan)
    );
}

} // namespace aio::server
