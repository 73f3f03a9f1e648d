#include <aio/app/found_files.hpp>
#include <aio/app/load.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/secrets.hpp>
#include <aio/app/settings.hpp>
#include <aio/bean/words.hpp>
#include <aio/config/absence.hpp>
#include <aio/config/files.hpp>
#include <aio/config/secrets.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

namespace aio::app {
namespace {

constexpr const char* logging_overlay = "logging.conf";

/// Whether the overlay is to be read. A user who names a file by -c may stand in a folder that he
/// may not search, as after `sudo -u`: it is a warning that the overlay is unknown there.
bool has_overlay(base::diagnostics& problems) {
    if (::access(".", X_OK) == 0 || errno != EACCES)
        return config::usual_presence_of(logging_overlay) != config::presence::absent;
    problems.warning(
        {}, fmt::format("the current folder cannot be searched: {} is not read", logging_overlay)
    );
    return false;
}

/// Whether a name means ./logging.conf.
bool is_overlay(const std::string& path) {
    std::error_code failed;
    return std::filesystem::equivalent(path, logging_overlay, failed);
}

/// The first of the usual places, which has to be named when somebody may have planted it.
void read_usual_file(config::inputs& inputs, loaded& out) {
    const auto path = config::find_usual_file(&out.problems);
    if (!path)
        return;
    config::found_file usual = config::read_found(*path, out.problems);
    out.missing_file |= usual.unread;
    if (!usual.planted.empty())
        config::refuse_planted(*path, usual.planted, out.problems);
    else
        out.found.push_back(*path);
    inputs.files = std::move(usual.layers);
}

/// ./logging.conf lies above all other files, unless it is one of them by name.
void read_overlay(const load_request& request, config::inputs& inputs, loaded& out) {
    if (std::ranges::any_of(request.files, is_overlay) || !has_overlay(out.problems))
        return;
    config::found_file overlay =
        config::read_found(logging_overlay, out.problems, config::includes::ignored);
    out.missing_file |= overlay.unread;
    if (!overlay.planted.empty())
        return out.problems.warning(
            {}, fmt::format("{} is not read: {}", logging_overlay, overlay.planted)
        );
    out.found.emplace_back(logging_overlay);
    const bool included = std::ranges::any_of(inputs.files, [](const config::layer& layer) {
        return is_overlay(layer.source()->name);
    });
    for (config::layer& layer : overlay.layers)
        if (included || check_logging_overlay(layer, out.problems))
            inputs.files.push_back(std::move(layer));
}

void read_user_files(const load_request& request, config::inputs& inputs, loaded& out) {
    if (request.files.empty())
        read_usual_file(inputs, out);
    else
        inputs.files = config::read_files(request.files, out.problems, &out.missing_file);
    if (request.surroundings)
        read_overlay(request, inputs, out);
    for (const config::layer& layer : inputs.files)
        out.files.push_back(layer.source()->name);
}

std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char** text = ::environ; text && *text; ++text)
        all.emplace_back(*text);
    return all;
}

void read_user_layers(const load_request& request, config::inputs& inputs, loaded& out) {
    if (request.text) {
        inputs.files.emplace_back(request.text->first, request.text->second);
        out.files.push_back(request.text->first);
    } else {
        read_user_files(request, inputs, out);
    }
    if (request.surroundings)
        inputs.environment =
            config::read_environment(environment(), settings_schema(), out.problems);
    inputs.command_line = config::read_overrides(request.overrides, out.problems);
}

/// The modules whose defaults are read, according to the layers without these defaults.
settings first_look(const config::inputs& inputs) {
    base::diagnostics later; // reported once everything is merged
    return read_settings(config::merge(inputs), later);
}

void read_module_layers(config::inputs& inputs, base::diagnostics& problems) {
    const settings options = first_look(inputs);
    const module::loader from = make_loader(options);
    std::vector<std::string> names = options.builtin;
    for (const std::string& name : options.modules)
        if (std::ranges::find(names, name) == names.end()) // its defaults keep their place
            names.push_back(name);
    for (const std::string& name : names)
        if (const auto source = from.defaults(name, problems))
            inputs.modules.emplace_back(std::make_shared<const base::source>(*source));
}

/// The words come below -o, which may set what they leave open.
void add_beans(const load_request& request, config::inputs& inputs, base::diagnostics& problems) {
    if (request.beans.empty())
        return;
    config::inputs others = inputs;
    others.command_line.clear();
    const config::tree files = config::merge(others);
    const auto typed = config::read_overrides(
        bean::assignments_of(
            request.beans, [&](const std::string& name) { return files.find(name) != nullptr; }
        ),
        problems
    );
    inputs.command_line.insert(inputs.command_line.begin(), typed.begin(), typed.end());
}

} // namespace

loaded load(const load_request& request) {
    loaded out;
    config::inputs inputs;
    inputs.secret = declared_secret;
    inputs.every_warning = request.every_warning;
    read_user_layers(request, inputs, out);
    read_module_layers(inputs, out.problems);
    add_beans(request, inputs, out.problems);
    config::report(inputs, out.problems);
    out.tree = config::merge(inputs);
    out.problems = config::masked(out.problems, out.tree);

    config::inputs defaults;
    defaults.modules = inputs.modules;
    out.standard = config::merge(defaults);
    return out;
}

} // namespace aio::app
