#include <aio/app/exit_status.hpp>
#include <aio/app/kinds.hpp>
#include <aio/app/load.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/config_schema.hpp>
#include <aio/log/spec.hpp>
#include <aio/module/registry.hpp>
#include <aio/module/resolve.hpp>
#include <aio/service/common.hpp>
#include <aio/service/supervisor.hpp>

#include <fmt/core.h>

namespace aio::cli {

namespace {

constexpr std::string_view aio_itself = "aio";

config::schema joined(const config::schema& one, const config::schema& other) {
    config::schema out = one;
    for (const auto& option : other.all())
        out.declare(option);
    return out;
}

// What modules that are named in `[aio] modules` and the built-in ones add to their functions'
// sections.
void add_modules(const app::load_request& request, std::vector<config::schema_listing>& to) {
    const app::loaded from = app::load(request);
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
            to.push_back({one->kind + "/NAME", one->name, one->options});
    }
}

// The kind of a section's name: "schedule" of "schedule/tick".
bool is_about(const config::schema_listing& one, std::string_view asked) {
    const std::string_view kind = std::string_view{one.section}.substr(0, one.section.find('/'));
    return asked == one.section || asked == kind || asked.substr(0, asked.find('/')) == kind;
}

} // namespace

std::vector<config::schema_listing> builtin_listings() {
    std::vector<config::schema_listing> out;
    out.push_back({"aio", std::string{aio_itself}, app::settings_schema()});
    for (const service::kind* one : app::kinds())
        out.push_back(
            {fmt::format("{}/NAME", one->name),
             std::string{aio_itself},
             joined(one->options(), service::common_options())}
        );
    out.push_back({"supervisor/NAME", std::string{aio_itself}, service::supervisor_options()});
    out.push_back({"logger_NAME", std::string{aio_itself}, log::logger_schema()});
    out.push_back({"handler_NAME", std::string{aio_itself}, log::handler_schema()});
    out.push_back({"formatter_NAME", std::string{aio_itself}, log::formatter_schema()});
    return out;
}

int config_schema(const config_line& line) {
    std::vector<config::schema_listing> all = builtin_listings();
    add_modules(line.config, all);
    if (!line.key.empty()) {
        std::vector<std::string> names;
        for (const config::schema_listing& one : all)
            names.push_back(one.section.substr(0, one.section.find('/')));
        std::erase_if(all, [&](const config::schema_listing& one) {
            return !is_about(one, line.key);
        });
        if (all.empty()) {
            fmt::print(
                stderr,
                "aio: nothing is declared for [{}]\n  {}\n",
                line.key,
                base::did_you_mean(line.key, names)
            );
            return app::failure;
        }
    }
    if (line.json)
        fmt::print("{}\n", config::render_schema_json(all));
    else
        fmt::print("{}", config::render_schema(all));
    return app::success;
}

} // namespace aio::cli
