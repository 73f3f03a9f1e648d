// aio config [dump | get | set | unset | check | diff | schema]

#include <aio/app/app.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/config_edit.hpp>
#include <aio/cli/config_line.hpp>
#include <aio/cli/config_schema.hpp>
#include <aio/cli/config_show.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>

#include <fmt/core.h>

namespace aio::cli {

namespace {

int help() {
    return print_command_help(
        "aio config [dump | get SECTION[:OPTION] | set SECTION:OPTION VALUE |\n"
        "                   unset SECTION[:OPTION] | check | diff | schema [SECTION]]",
        "dump (the default) prints the whole configuration, merged and interpolated. check checks\n"
        "everything and starts nothing. diff prints what differs from the defaults. schema lists\n"
        "all options.\n\n"
        "Only check and schema load modules. The other commands do not know which options a "
        "module\n"
        "declares secret, and show their values. A value of the form ${file:PATH} is always "
        "hidden.",
        config_options()
    );
}

int check(const config_line& line) {
    app::load_request request = line.config;
    request.every_warning = true;
    const app::configuration from = app::configure(request);
    if (line.json)
        print_output("{}\n", diagnostics_json(from.problems));
    if (!(line.json ? from.problems.failed() : report(from.problems)))
        return app::success;
    return from.source.missing_file ? app::usage : app::bad_config;
}

} // namespace

int config_command(const invocation& call) {
    const config_line line = parse_config_line(call.config, call.arguments);
    switch (line.action) {
    case config_action::help:
        return help();
    case config_action::dump:
        return config_dump(line);
    case config_action::get:
        return config_get(line);
    case config_action::set:
        return config_set(line);
    case config_action::unset:
        return config_unset(line);
    case config_action::check:
        return check(line);
    case config_action::diff:
        return config_diff(line);
    case config_action::schema:
        return config_schema(line);
    }
    return app::usage;
}

} // namespace aio::cli
