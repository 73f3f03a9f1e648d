// The parts of `aio config` that only read.

#include <aio/app/app.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/schemas.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/config_arguments.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/files.hpp>
#include <aio/config/load.hpp>
#include <aio/config/render.hpp>

#include <fmt/format.h>

namespace aio::cli {
namespace {

using texts = std::vector<std::string>;

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

config::render_options how_to_render(const config_arguments& asked) {
    config::render_options how;
    how.origin = asked.origin;
    how.show_secrets = asked.show_secrets;
    if (!asked.files.empty() && !asked.interpolate)
        how.values = config::values_as::raw;
    return how;
}

/// -f: those files and nothing else.
app::loaded load_only(const texts& files) {
    app::loaded out;
    config::inputs in;
    in.files = config::read_files(files, out.problems);
    in.secret = app::declared_secret;
    config::report(in, out.problems);
    out.tree = config::merge(in);
    out.files = files;
    out.missing_file = app::any_missing(files);
    return out;
}

app::loaded load(const config_arguments& asked, const app::load_request& request) {
    return asked.files.empty() ? app::load(request) : load_only(asked.files);
}

texts section_names(const config::tree& of) {
    texts names{"DEFAULT"};
    for (const config::section& one : of.sections())
        names.push_back(one.name());
    return names;
}

texts option_names(const config::section& of) {
    texts names;
    for (const config::value& one : of.values())
        names.push_back(one.name);
    return names;
}

const config::section* find_section(const config::tree& in, const std::string& name) {
    if (name == "DEFAULT")
        return &in.defaults();
    if (const config::section* found = in.find(name))
        return found;
    const auto slashed = config::slash_name(name);
    return slashed ? in.find(*slashed) : nullptr;
}

int missing(std::string_view what, const std::string& hint) {
    fmt::print(stderr, "aio: {}{}{}\n", what, hint.empty() ? "" : "; ", hint);
    return app::failure;
}

int failed_value(const config::value& of) {
    base::diagnostics one;
    if (of.problem)
        one.add(*of.problem);
    report(one);
    return app::bad_config;
}

int get_section(const config_arguments& asked, const config::section& from) {
    const auto how = how_to_render(asked);
    int status = app::success;
    if (how.values == config::values_as::interpolated)
        for (const config::value& one : from.values())
            if (!one.good)
                status = failed_value(one);
    print(asked.json ? config::render_json(from, how) + "\n" : config::render_section(from, how));
    return status;
}

int get_option(const config_arguments& asked, const config::section& from, const std::string& option) {
    const auto how = how_to_render(asked);
    const config::value* found = from.find(option);
    if (!found)
        return missing(
            fmt::format("there is no option '{}' in [{}]", option, from.name()),
            base::did_you_mean(option, option_names(from))
        );
    if (!found->good && how.values == config::values_as::interpolated)
        return failed_value(*found);
    if (asked.json)
        print(config::render_json(from, *found, how) + "\n");
    else if (asked.origin)
        print(config::render_option(from, *found, how));
    else
        print(config::shown_text(*found, how) + "\n");
    return app::success;
}

int get(const config_arguments& asked, const config::tree& from) {
    const auto key = config::split_key(asked.key);
    if (key)
        if (const config::section* section = find_section(from, key->first))
            return get_option(asked, *section, key->second);
    if (const config::section* section = find_section(from, asked.key))
        return get_section(asked, *section);
    const std::string& name = key ? key->first : asked.key;
    return missing(
        fmt::format("there is no section [{}]", name), base::did_you_mean(name, section_names(from))
    );
}

int dump(const config_arguments& asked, const app::loaded& from) {
    base::diagnostics problems;
    const auto how = how_to_render(asked);
    if (how.values == config::values_as::interpolated)
        from.tree.check(problems);
    print(asked.json ? config::render_json(from.tree, how) + "\n" : config::render_dump(from.tree, how));
    return report(problems) ? app::bad_config : app::success;
}

int check(const app::load_request& request) {
    const app::configuration all = app::configure(request);
    if (report(all.problems))
        return all.source.missing_file ? app::usage : app::bad_config;
    fmt::print(
        "The configuration is good: {} to start, {} with listeners\n", all.plan.services.size(),
        all.plan.listeners.size()
    );
    return app::success;
}

int schema(const config_arguments& asked, const app::load_request& request) {
    const app::configuration all = app::configure(request);
    auto listings = app::schemas(all.plan);
    if (!asked.key.empty()) {
        texts names;
        for (const auto& one : listings)
            names.push_back(one.section);
        std::erase_if(listings, [&](const config::schema_listing& one) {
            return one.section != asked.key && !one.section.starts_with(asked.key + "/");
        });
        if (listings.empty())
            return missing(
                fmt::format("aio has no section [{}]", asked.key), base::did_you_mean(asked.key, names)
            );
    }
    print(asked.json ? config::render_schema_json(listings) + "\n" : config::render_schema(listings));
    return app::success;
}

} // namespace

int show_config(const config_arguments& asked, const app::load_request& request) {
    if (asked.action == config_action::check)
        return check(request);
    if (asked.action == config_action::schema)
        return schema(asked, request);
    const app::loaded from = load(asked, request);
    if (report(from.problems))
        return from.missing_file ? app::usage : app::bad_config;
    if (asked.action == config_action::get)
        return get(asked, from.tree);
    if (asked.action == config_action::dump)
        return dump(asked, from);
    print(config::render_diff(from.standard, from.tree, how_to_render(asked)));
    return app::success;
}

} // namespace aio::cli
