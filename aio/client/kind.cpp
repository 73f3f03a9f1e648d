#include <aio/client/client.hpp>
#include <aio/client/kind.hpp>
#include <aio/client/spec.hpp>
#include <aio/protocols/registration.hpp>
#include <aio/service/common.hpp>
#include <aio/service/find_function.hpp>

#include <fmt/format.h>

#include <any>
#include <memory>
#include <string>

namespace aio::client {

namespace {

void check_fit(
    const config::section& from,
    const module::item& found,
    const plan_of_client& made,
    service::planning& plan
) {
    const auto wrong = [&](const std::string& text) {
        plan.problems->error(
            made.spec.options.where("protocol"),
            fmt::format("[{}] protocol: {} {}", from.name(), found.name, text)
        );
    };
    const auto& protocol = std::any_cast<const protocols::registered&>(found.object);
    if (!protocols::includes(protocol.fits, protocols::sides::client))
        wrong("takes an aio::server_context, so it serves servers only");
    else if (protocols::takes_datagrams(protocol.serve) != net::is_datagram(made.spec.transport))
        wrong(fmt::format(
            "is {}, which does not go with transport = {}",
            protocols::describe(protocol.serve),
            made.spec.options.get<base::choice>("transport").value
        ));
    for (const config::option& declared : found.options.all())
        if (options().find(declared.name))
            wrong(fmt::format(
                "declares the option '{}', which is aio's own in every [client/NAME]", declared.name
            ));
}

std::optional<service::planned> plan(const config::section& from, service::planning& planning) {
    const std::size_t before = planning.problems->errors();
    const bool enabled = service::enabled(from);
    const auto made = std::make_shared<plan_of_client>();
    const module::item* protocol =
        enabled ? service::find_function(from, "protocol", protocols::protocol_kind, planning)
                : nullptr;
    made->spec = read_spec({from, protocol, planning});
    if (!enabled)
        return std::nullopt;
    if (protocol) {
        made->protocol = std::any_cast<const protocols::registered&>(protocol->object).serve;
        made->module = protocol->module;
        check_fit(from, *protocol, *made, planning);
    }
    if (planning.problems->errors() != before)
        return std::nullopt;
    service::planned out;
    out.common = made->spec.common;
    out.what = protocol ? made->spec.protocol : "connects when asked";
    out.make = [made](service::runtime& app, async::loop& home) -> std::unique_ptr<service::unit> {
        return std::make_unique<client>(made, app, home);
    };
    return out;
}

} // namespace

const service::kind& kind() {
    static const service::kind all{
        "client", "connects to a server, and connects again", &options, &plan
    };
    return all;
}

} // namespace aio::client
