#include <aio/protocols/registration.hpp>
#include <aio/server/kind.hpp>
#include <aio/server/registration.hpp>
#include <aio/server/server.hpp>
#include <aio/server/spec.hpp>
#include <aio/service/common.hpp>
#include <aio/service/find_function.hpp>

#include <fmt/format.h>

#include <any>
#include <memory>
#include <string>

namespace aio::server {

namespace {

using service::find_function;

void check_fit(const config::section& from, const plan_of_server& made, service::planning& plan) {
    if (!made.protocol || made.build ||
        takes_datagrams(*made.protocol) == net::is_datagram(made.spec.where.transport))
        return;
    plan.problems->error(
        made.spec.options.where("protocol"),
        fmt::format(
            "[{}] protocol: {} is {}, which does not go with transport = {}",
            from.name(),
            made.spec.protocol,
            describe(*made.protocol),
            made.spec.options.get<base::choice>("transport").value
        )
    );
}

/// Reports a protocol that serves clients only.
handler
servers_handler(const config::section& from, const module::item& found, service::planning& plan) {
    const auto& protocol = std::any_cast<const protocols::registered&>(found.object);
    if (!protocols::includes(protocol.fits, protocols::sides::server))
        plan.problems->error(
            from.find("protocol")->text_where,
            fmt::format(
                "[{}] protocol: {} takes an aio::client_context, so it serves clients only",
                from.name(),
                found.name
            )
        );
    return protocol.serve;
}

std::optional<service::planned> plan(const config::section& from, service::planning& planning) {
    const std::size_t before = planning.problems->errors();
    const bool enabled = service::enabled(from);
    const auto made = std::make_shared<plan_of_server>();
    const module::item* protocol =
        enabled ? find_function(from, "protocol", protocols::protocol_kind, planning) : nullptr;
    const module::item* factory =
        enabled ? find_function(from, "factory", factory_kind, planning) : nullptr;
    const module::item* function = factory ? factory : protocol;
    made->spec = read_spec({from, function, planning});
    if (!enabled)
        return std::nullopt;
    if (protocol)
        made->protocol = servers_handler(from, *protocol, planning);
    if (factory)
        made->build = std::any_cast<aio::server::factory>(factory->object);
    check_fit(from, *made, planning);
    if (planning.problems->errors() != before || !function)
        return std::nullopt;
    made->module = function->module;
    service::planned out;
    out.common = made->spec.common;
    out.what = factory ? made->spec.factory : made->spec.protocol;
    out.make = [made](service::runtime& app, async::loop& loop) -> std::unique_ptr<service::unit> {
        return std::make_unique<server>(made, app, loop);
    };
    return out;
}

} // namespace

const service::kind& kind() {
    static const service::kind all{
        "server", "listens on a port or a path and serves connections", &options, &plan
    };
    return all;
}

} // namespace aio::server
