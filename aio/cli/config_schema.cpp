#include <aio/app/exit_status.hpp>
#include <aio/app/kinds.hpp>
#include <aio/app/load.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/sections.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/config_schema.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/log/spec.hpp>
#include <aio/module/registry.hpp>
#include <aio/module/resolve.hpp>
#include <aio/service/common.hpp>
#include <aio/service/supervisor.hpp>
#include <aio/sink/registration.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace aio::cli {

namespace {

constexpr std::string_view aio_itself = "aio";
constexpr std::string_view any_name = "NAME";

config::schema joined(const config::schema& schema, const config::schema& other) {
    config::schema out = schema;
    for (const auto& option : other.all())
        out.declare(option);
    return out;
}

std::string section_of(const std::string& kind) {
    return kind == sink::kind ? "handler_NAME" : kind + "/NAME";
}

// The options that the modules of `[aio] modules` and the built-in ones declare for the sections of
// their functions.
void add_modules(const app::loaded& from, std::vector<config::schema_listing>& listings) {
    base::diagnostics ignored; // listing options is no check of the configuration
    const app::settings settings = app::read_settings(from.tree, ignored);
    const module::loader loader = app::make_loader(settings);
    module::registry items;
    module::resolver modules{loader, items, app::set_up};
    for (const base::list* names : {&settings.builtin, &settings.modules})
        for (const std::string& name : *names)
            modules.load(name, {}, ignored);
    for (const std::string& name : items.names()) {
        const module::item* one = items.find(name);
        if (one && !one->options.all().empty())
            listings.push_back({section_of(one->kind), one->name, one->options});
    }
}

// Whether a listing concerns the section, or kind of section, that was asked for:
// "schedule/NAME" about "schedule" and "schedule/tick", "aio/testing" about itself and "aio".
bool is_about(const config::schema_listing& schema_listing, std::string_view asked) {
    const std::string_view section = schema_listing.section;
    if (asked == section || asked == section.substr(0, section.find('/')))
        return true;
    if (!section.ends_with(any_name))
        return false;
    const std::string_view before = section.substr(0, section.size() - any_name.size());
    return asked.starts_with(before) || asked == before.substr(0, before.size() - 1);
}

// An option whose name is the user's.
config::schema&
add_any(config::schema& schema, std::string name, config::type value_type, std::string help) {
    config::option option;
    option.name = std::move(name);
    option.value_type = value_type;
    option.help = std::move(help);
    return schema.declare(std::move(option));
}

config::schema listen_options() {
    config::schema s;
    add_any(
        s, "SIGNAL", config::type::list, "functions called with each such signal, one per line"
    );
    s.add("queue", config::type::integer, "number of signals that may wait for a busy listener");
    s.add(
        "queue_policy",
        base::choice{"wait", {"wait", "drop_oldest", "drop_newest"}},
        "what happens when the queue is full"
    );
    return s;
}

config::schema command_options() {
    config::schema s;
    add_any(s, "COMMAND", config::type::string, "function that `aio COMMAND` calls");
    return s;
}

int nothing_declared(const std::string& asked, const std::vector<config::schema_listing>& all) {
    std::vector<std::string> names;
    for (const config::schema_listing& schema_listing : all)
        for (std::string name :
             {schema_listing.section,
              schema_listing.section.substr(0, schema_listing.section.find('/'))})
            if (std::ranges::find(names, name) == names.end())
                names.push_back(std::move(name));
    base::diagnostics problems;
    problems.error({}, "nothing is declared for [" + asked + "]", base::did_you_mean(asked, names));
    report(problems);
    return app::failure;
}

} // namespace

std::vector<config::schema_listing> builtin_listings() {
    std::vector<config::schema_listing> out;
    out.push_back({"aio", std::string{aio_itself}, app::settings_schema()});
    out.push_back({"aio/commands", std::string{aio_itself}, command_options()});
    out.push_back({"aio/testing", std::string{aio_itself}, app::testing_schema()});
    for (const service::kind* kind : app::kinds())
        out.push_back(
            {fmt::format("{}/NAME", kind->name),
             std::string{aio_itself},
             joined(kind->options(), service::common_options())}
        );
    out.push_back({"supervisor/NAME", std::string{aio_itself}, service::supervisor_options()});
    out.push_back({"listen/NAME", std::string{aio_itself}, listen_options()});
    out.push_back({"logger_NAME", std::string{aio_itself}, log::logger_schema()});
    out.push_back({"handler_NAME", std::string{aio_itself}, log::handler_schema()});
    out.push_back({"formatter_NAME", std::string{aio_itself}, log::formatter_schema()});
    return out;
}

int config_schema(const config_line& line) {
    std::vector<config::schema_listing> all = builtin_listings();
    const app::loaded from = app::load(line.config);
    if (from.missing_file) {
        report(from.problems);
        return app::usage;
    }
    if (from.files.empty())
        report(from.problems); // one that may not be read is why so little is declared
    add_modules(from, all);
    std::vector<config::schema_listing> shown = all;
    if (!line.key.empty())
        std::erase_if(shown, [&](const auto& listing) { return !is_about(listing, line.key); });
    if (shown.empty())
        return nothing_declared(line.key, all);
    if (line.json)
        print_output("{}\n", config::render_schema_json(shown));
    else
        print_output("{}", config::render_schema(shown));
    return app::success;
}

} // namespace aio::cli
