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

} // namespace

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

task<std::unique_ptr<handle>> listen(async::loop& home, listening what) {
    bind_order order;
    order.where.addresses = {what.address};
    order.where.port = what.port;
    set_socket_options(order.where, what.limits);
    order.who = what.given.name();
    bound made = co_await bind_aside(what.given.app(), home, what.given.log(), std::move(order));
    stream_handler serve = [call = std::move(what.serve)](net::stream with, context) {
        return call(std::move(with));
    };
    auto shared = std::make_shared<serving>(
        context(what.given.shared_data()),
        what.owner,
        handler(std::move(serve)),
        what.limits,
        what.given.log()
    );
    shared->crash = std::move(what.crash);
    co_return std::make_unique<standard>(
        home, std::vector<async::loop*>{&home}, std::move(made.endpoints), std::move(shared)
    );
}

} // namespace aio::server
