#include <aio/process/kind.hpp>
#include <aio/process/launch.hpp>
#include <aio/process/process.hpp>
#include <aio/process/spec.hpp>
#include <aio/service/common.hpp>

#include <fmt/format.h>

namespace aio::process {

namespace {

std::optional<service::planned>
plan_process(const config::section& section, service::planning& plan) {
    const std::size_t before = plan.problems->errors();
    const auto made = std::make_shared<spec>(read_spec(section, plan));
    if (plan.problems->errors() != before || !made->common.enabled)
        return std::nullopt;
    service::planned out;
    out.common = made->common;
    out.what =
        made->count == 1 ? made->shown : fmt::format("{}, {} times", made->shown, made->count);
    out.descriptors = made->count * descriptors_of_child;
    out.make = [made](service::runtime& app, async::loop& home) -> std::unique_ptr<service::unit> {
        return std::make_unique<process>(made, app, home);
    };
    return out;
}

} // namespace

const service::kind& kind() {
    static const service::kind all{
        "process", "child processes, supervised, their output in the log", &options, &plan_process
    };
    return all;
}

} // namespace aio::process
