// aio graph [--dot | --json]

#include <aio/app/app.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/graph_secrets.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/service/graph.hpp>

#include <fmt/core.h>

namespace aio::cli {
namespace {

po::options_description known_options() {
    po::options_description own;
    // clang-format off
    own.add_options()
        ("help,h", "show this help and exit")
        ("dot", "print for graphviz: aio graph --dot | dot -T svg")
        ("json", "print JSON");
    // clang-format on
    po::options_description all;
    return all.add(own).add(shared_options());
}

} // namespace

int graph_command(const invocation& call) {
    const po::options_description all = known_options();
    const auto parsed = parse_options(call.arguments, all);
    if (parsed.count("help")) {
        print_command_help(
            "aio graph [--dot | --json]",
            "Shows what would run, without starting anything: a tree with supervisors above their\n"
            "units. A unit is a section that runs. Each line names the units that start before it.",
            all
        );
        return app::success;
    }
    if (parsed.count("dot") && parsed.count("json"))
        throw usage_error("either --dot or --json, not both");
    command_line shared;
    take_shared(parsed, shared);
    const app::configuration from = app::configure(with_shared(call.config, shared));
    if (report(from.problems))
        return from.source.missing_file ? app::usage : app::bad_config;
    const service::graph drawn = app::masked(
        service::draw_plan(from.plan.services, from.plan.supervisors), from.source.tree
    );
    print_output(
        "{}",
        parsed.count("dot")    ? service::as_dot(drawn)
        : parsed.count("json") ? service::as_json(drawn)
                               : service::as_text(drawn)
    );
    return app::success;
}

} // namespace aio::cli
