#include <aio/app/exit_status.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/config_show.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/files.hpp>
#include <aio/config/load.hpp>
#include <aio/config/render.hpp>

#include <fmt/core.h>

namespace aio::cli {

namespace {

// Loads what is to be shown: the whole configuration, or the files of -f alone.
app::loaded load_shown(const config_line& line) {
    if (line.files.empty())
        return app::load(line.config);
    app::loaded out;
    config::inputs in;
    for (const std::string& path : line.files) {
        bool unread = false;
        if (auto source = config::read_source(path, out.problems, &unread))
            in.files.emplace_back(std::move(source));
        out.missing_file |= unread;
    }
    config::report(in, out.problems);
    out.tree = config::merge(in);
    out.files = line.files;
    return out;
}

bool is_raw(const config_line& line) {
    return !line.files.empty() && !line.interpolate;
}

config::render_options shown_as(const config_line& line) {
    config::render_options how;
    how.values = is_raw(line) ? config::values_as::raw : config::values_as::interpolated;
    how.origin = line.origin;
    how.show_secrets = line.show_secrets;
    return how;
}

int status_of(bool failed, const app::loaded& from) {
    if (from.missing_file)
        return app::usage;
    return failed ? app::bad_config : app::success;
}

// Only JSON needs a line end; the other texts have one.
void print(const std::string& text, const config_line& line) {
    print_output("{}{}", text, line.json ? "\n" : "");
}

int no_section(const config::tree& all, const std::string& name) {
    std::vector<std::string> names{all.defaults().name()};
    for (const config::section& one : all.sections())
        names.push_back(one.name());
    base::diagnostics to;
    to.error({}, fmt::format("there is no section [{}]", name), base::did_you_mean(name, names));
    report(to);
    return app::failure;
}

int no_option(const config::section& in, const std::string& name) {
    std::vector<std::string> names;
    for (const config::value& one : in.values())
        names.push_back(one.name);
    base::diagnostics to;
    to.error(
        {},
        fmt::format("there is no option '{}' in [{}]", name, in.name()),
        base::did_you_mean(base::lower_ascii(name), names)
    );
    report(to);
    return app::failure;
}

// Prints a section; a mistake in any of its values is reported.
int get_section(const config::section& of, const config_line& line, const app::loaded& from) {
    const config::render_options how = shown_as(line);
    base::diagnostics problems;
    if (!is_raw(line))
        for (const config::value& one : of.values())
            if (one.problem)
                problems.add(*one.problem);
    print(line.json ? render_json(of, how) : render_section(of, how), line);
    return status_of(report(problems), from);
}

int get_option(
    const config::section& in,
    const config::value& of,
    const config_line& line,
    const app::loaded& from
) {
    if (!of.good && !is_raw(line)) {
        base::diagnostics problems;
        problems.add(*of.problem);
        return status_of(report(problems), from);
    }
    const config::render_options how = shown_as(line);
    if (line.json)
        print(render_json(in, of, how), line);
    else if (line.origin)
        print(config::render_option(in, of, how), line);
    else
        print_output("{}\n", config::shown_text(of, how));
    return app::success;
}

} // namespace

int config_dump(const config_line& line) {
    app::loaded from = load_shown(line);
    if (from.missing_file)
        return status_of(report(from.problems), from);
    if (!is_raw(line))
        from.tree.check(from.problems);
    const config::render_options how = shown_as(line);
    print(line.json ? render_json(from.tree, how) : render_dump(from.tree, how), line);
    return status_of(report(from.problems), from);
}

int config_get(const config_line& line) {
    const app::loaded from = load_shown(line);
    if (report(from.problems))
        return status_of(true, from);
    if (line.key.find(':') == std::string::npos) {
        const config::section* section = from.tree.find(line.key);
        return section ? get_section(*section, line, from) : no_section(from.tree, line.key);
    }
    const auto key = config::split_key(line.key);
    if (!key)
        throw usage_error(fmt::format("config: '{}' is no SECTION:OPTION", line.key));
    const config::section* section = from.tree.find(key->first);
    if (!section)
        return no_section(from.tree, key->first);
    const config::value* option = section->find(key->second);
    return option ? get_option(*section, *option, line, from) : no_option(*section, key->second);
}

int config_diff(const config_line& line) {
    app::loaded from = load_shown(line);
    if (from.missing_file)
        return status_of(report(from.problems), from);
    from.tree.check(from.problems);
    const config::render_options how = shown_as(line);
    print(
        line.json ? render_diff_json(from.standard, from.tree, how)
                  : render_diff(from.standard, from.tree, how),
        line
    );
    return status_of(report(from.problems), from);
}

} // namespace aio::cli
