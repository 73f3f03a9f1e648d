#include <aio/schedule/kind.hpp>
#include <aio/schedule/scheduler.hpp>
#include <aio/schedule/spec.hpp>
#include <aio/service/common.hpp>
#include <aio/service/find_function.hpp>

namespace aio::schedule {

namespace {

using service::find_function;

template <typename T>
T object_of(const module::item* function) {
    return function ? std::any_cast<T>(function->object) : T{};
}

std::optional<service::planned> plan(const config::section& from, service::planning& planning) {
    const std::size_t before = planning.problems->errors();
    const bool enabled = service::enabled(from);
    const module::item* func =
        enabled ? find_function(from, "func", function_kind, planning) : nullptr;
    const auto made = std::make_shared<job>();
    made->spec = read_spec({from, func, planning});
    if (!enabled)
        return std::nullopt;
    made->function = object_of<function>(func);
    made->cb = object_of<callback>(find_function(from, "cb", callback_kind, planning));
    made->err = object_of<callback>(find_function(from, "err", callback_kind, planning));
    if (planning.problems->errors() != before || !func)
        return std::nullopt;
    made->module = func->module;
    service::planned out;
    out.common = made->spec.common;
    out.what = made->spec.func;
    out.make = [made](service::runtime& app, async::loop& home) -> std::unique_ptr<service::unit> {
        return std::make_unique<scheduler>(made, app, home);
    };
    return out;
}

} // namespace

const service::kind& kind() {
    static const service::kind all{
        "schedule", "functions called again and again, by period or by calendar", &options, &plan
    };
    return all;
}

} // namespace aio::schedule
