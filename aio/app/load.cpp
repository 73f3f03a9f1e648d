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

/// Nothing when ./logging.conf is not to be read.
std::optional<std::string>
overlay_beside(const std::vector<std::string>& named, base::diagnostics& problems) {
    if (std::ranges::any_of(named, is_overlay) || !has_overlay(problems))
        return std::nullopt;
    if (const auto why = suspicion_of(logging_overlay)) {
        problems.warning({}, fmt::format("{} is not read: {}", logging_overlay, *why));
        return std::nullopt;
    }
    return logging_overlay;
}

/// The first of the usual places, which has to be named when somebody may have planted it.
std::optional<std::string> usual_file(base::diagnostics& problems) {
    auto usual = config::find_usual_file(&problems);
    if (usual && refuse_planted(*usual, problems))
        usual.reset();
    return usual;
}

/// -c, or the first of the usual places, and what overlays it.
std::vector<std::string> files_of(
    const load_request& request, std::vector<std::string>& found, base::diagnostics& problems
) {
    std::vector<std::string> files = request.files;
    if (files.empty())
        if (auto usual = usual_file(problems))
            found.push_back(*std::move(usual));
    if (request.surroundings)
        if (auto overlay = overlay_beside(request.files, problems))
            found.push_back(*std::move(overlay));
    files.insert(files.end(), found.begin(), found.end());
    return files;
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
        out.files = files_of(request, out.found, out.problems);
        inputs.files = config::read_files(out.files, out.problems, &out.missing_file);
        const bool overlaid = !out.found.empty() && out.found.back() == logging_overlay;
        out.files.clear();
        for (const config::layer& layer : inputs.files)
            out.files.push_back(layer.source()->name);
        if (overlaid && std::ranges::count_if(out.files, is_overlay) <= 1) // not included by name
            for (const config::layer& layer : inputs.files)
                if (layer.source()->name == logging_overlay)
                    check_logging_overlay(layer, out.problems);
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
