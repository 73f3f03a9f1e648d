#include <aio/app/load.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/secrets.hpp>
#include <aio/app/settings.hpp>
#include <aio/bean/words.hpp>
#include <aio/config/absence.hpp>
#include <aio/config/files.hpp>
#include <aio/config/secrets.hpp>

#include <unistd.h>

#include <algorithm>

namespace aio::app {
namespace {

constexpr const char* logging_overlay = "logging.conf";

/// -c, or the first of the usual places, and what overlays it.
std::vector<std::string> files_of(const load_request& request, std::vector<std::string>& found) {
    std::vector<std::string> files = request.files;
    if (files.empty())
        if (auto usual = config::find_usual_file())
            found.push_back(*std::move(usual));
    if (request.surroundings && config::is_found(logging_overlay))
        found.emplace_back(logging_overlay);
    files.insert(files.end(), found.begin(), found.end());
    return files;
}

std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char** one = ::environ; one && *one; ++one)
        all.emplace_back(*one);
    return all;
}

void read_user_layers(const load_request& request, config::inputs& in, loaded& out) {
    if (request.text) {
        in.files.emplace_back(request.text->first, request.text->second);
        out.files.push_back(request.text->first);
    } else {
        out.files = files_of(request, out.found);
        in.files = config::read_files(out.files, out.problems, &out.missing_file);
        out.files.clear();
        for (const config::layer& one : in.files)
            out.files.push_back(one.source()->name);
    }
    if (request.surroundings)
        in.environment = config::read_environment(environment(), settings_schema(), out.problems);
    in.command_line = config::read_overrides(request.overrides, out.problems);
}

/// The modules whose defaults are read, as the layers without them say.
settings first_look(const config::inputs& in) {
    base::diagnostics later; // said once the whole is merged
    return read_settings(config::merge(in), later);
}

void read_module_layers(config::inputs& in, base::diagnostics& to) {
    const settings of = first_look(in);
    const module::loader from = make_loader(of);
    std::vector<std::string> names = of.builtin;
    for (const std::string& name : of.modules)
        if (std::ranges::find(names, name) == names.end()) // its defaults stay where they are
            names.push_back(name);
    for (const std::string& name : names)
        if (const auto source = from.defaults(name, to))
            in.modules.emplace_back(std::make_shared<const base::source>(*source));
}

/// Below -o, which may set what the words leave open.
void add_beans(const load_request& request, config::inputs& in, base::diagnostics& to) {
    if (request.beans.empty())
        return;
    config::inputs others = in;
    others.command_line.clear();
    const config::tree files = config::merge(others);
    const auto typed = config::read_overrides(
        bean::assignments_of(
            request.beans, [&](const std::string& name) { return files.find(name) != nullptr; }
        ),
        to
    );
    in.command_line.insert(in.command_line.begin(), typed.begin(), typed.end());
}

} // namespace

loaded load(const load_request& request) {
    loaded out;
    config::inputs in;
    in.secret = declared_secret;
    in.every_warning = request.every_warning;
    read_user_layers(request, in, out);
    read_module_layers(in, out.problems);
    add_beans(request, in, out.problems);
    config::report(in, out.problems);
    out.tree = config::merge(in);
    out.problems = config::masked(out.problems, out.tree);

    config::inputs defaults;
    defaults.modules = in.modules;
    out.standard = config::merge(defaults);
    return out;
}

} // namespace aio::app
