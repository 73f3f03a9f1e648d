// aio module new NAME [--dir DIR] | list | show NAME

#include <aio/app/exit_status.hpp>
#include <aio/app/load.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/sections.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/base/visible.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/module_files.hpp>
#include <aio/cli/module_show.hpp>
#include <aio/cli/module_skeleton.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/cli/shell_word.hpp>
#include <aio/module/builtin.hpp>
#include <aio/module/loader.hpp>
#include <aio/module/path.hpp>
#include <aio/module/registry.hpp>
#include <aio/module/resolve.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace aio::cli {

namespace {

namespace fs = std::filesystem;
using texts = std::vector<std::string>;

struct line {
    std::string action;
    std::string name;
    fs::path folder; ///< --dir
    app::load_request config;
    bool help = false;
};

line parse(const invocation& call) {
    po::options_description known;
    // clang-format off
    known.add_options()
        ("help,h", "show this help and exit")
        ("dir", po::value<std::string>()->value_name("DIR"),
         "new: write into this folder instead of ./NAME");
    // clang-format on
    known.add(shared_options());
    texts words;
    const auto parsed = parse_options(call.arguments, known, &words);

    line read;
    command_line shared;
    take_shared(parsed, shared);
    read.config = with_shared(call.config, shared);
    if ((read.help = parsed.count("help") != 0)) {
        print_command_help(
            "aio module new NAME [--dir DIR] | list | show NAME",
            "new writes the files of a new module, with a test. list prints each module and the "
            "path\n"
            "of its library. show prints what a module offers, with all options.",
            known
        );
        return read;
    }
    if (words.empty())
        throw usage_error("module: say new NAME, list or show NAME");
    read.action = words[0];
    if (words.size() > (read.action == "list" ? 1u : 2u))
        throw usage_error("module " + read.action + ": one word too many: '" + words.back() + "'");
    read.name = words.size() > 1 ? words[1] : "";
    read.folder = parsed.count("dir") ? parsed["dir"].as<std::string>() : read.name;
    return read;
}

std::string shown(const fs::path& path) {
    return base::visible(path.string(), base::layout::one_line);
}

/// Thrown when a configuration file cannot be read. Everything has been reported.
struct unread_configuration {};

/// The files with mistakes, each once. What has no place is said as it is.
base::diagnostics unusable_parts(const base::diagnostics& problems) {
    base::diagnostics warnings;
    std::set<const base::source*> told;
    for (const base::diagnostic& problem : problems) {
        if (problem.level != base::severity::error)
            continue;
        if (!problem.where.from)
            warnings.warning({}, problem.text, problem.hint);
        else if (told.insert(problem.where.from.get()).second)
            warnings.warning(
                problem.where,
                "this configuration has a mistake: modules may be missing, because its module_path "
                "may not be known",
                "aio config check lists all mistakes"
            );
    }
    return warnings;
}

struct known_modules {
    config::tree configuration;
    module::loader loader;
};

/// Modules can be shown although the configuration has mistakes; then there is a warning.
known_modules find_modules(const line& asked) {
    app::loaded source = app::load(asked.config);
    base::diagnostics problems = source.problems;
    const app::settings process = app::read_settings(source.tree, problems);
    if (source.missing_file) {
        report(source.problems, source.tree);
        throw unread_configuration();
    }
    if (const config::value* path = source.tree.find("aio", "module_path"); path && !path->good)
        problems.add(*path->problem);
    report(unusable_parts(problems), source.tree);
    return {std::move(source.tree), app::make_loader(process)};
}

/// Warnings about the folders of the module path that exist and cannot be read.
void warn_of_unread(const known_modules& known) {
    base::diagnostics warnings;
    for (const fs::path& folder : known.loader.folders()) {
        std::error_code why;
        const fs::directory_iterator opened(folder, why);
        if (why && why.value() != ENOENT)
            warnings.warning(
                {},
                fmt::format(
                    "cannot look for modules in '{}': {}",
                    folder.string(),
                    base::system_reason(why.value())
                )
            );
    }
    report(warnings, known.configuration);
}

bool is_built_in(const std::string& name) {
    return module::loader(module::path({}), module::builtins()).is_linked(name);
}

bool is_shipped(const std::string& name) {
    const auto place = module::path({module::installed_modules()}).find(name);
    return place && !place->hidden;
}

int make_new(const line& asked) {
    if (!module::valid_name(asked.name))
        throw usage_error(
            "module new: '" + asked.name +
            "' is not a module name: words of letters, digits and _ between dots, like my.example"
        );
    if (!asked.config.files.empty())
        find_modules(asked); // only so that a file of -c that cannot be read is an error
    if (is_built_in(asked.name))
        throw usage_error(
            "module new: '" + asked.name +
            "' is built into aio, so a module of this name can never be loaded: choose another name"
        );
    if (is_shipped(asked.name))
        throw usage_error(
            "module new: '" + asked.name + "' is a module that comes with aio: choose another name"
        );
    if (const std::string taken = app::why_not_own_section(asked.name); !taken.empty())
        throw usage_error(fmt::format(
            "module new: a module '{0}' could not have a section [{0}]: {1}: choose another name",
            asked.name,
            taken
        ));
    const std::string why =
        write_module(asked.folder, module_skeleton(asked.name, AIO_CXX_COMPILER));
    if (!why.empty()) {
        base::say(why, base::layout::one_line);
        return app::failure;
    }
    print_output(
        "Module {0} is in {1}. Next:\n\n    cd {3}\n    cmake -S . -B build && cmake --build "
        "build\n"
        "    aio -c {2}.conf run\n    aio -c {2}.conf test {0}\n",
        asked.name,
        shown(asked.folder),
        module_sample(asked.name),
        shell_word(asked.folder.string())
    );
    return app::success;
}

bool is_regular(const fs::path& file) {
    std::error_code unreadable;
    return fs::is_regular_file(file, unreadable);
}

int list_all(const line& asked) {
    const known_modules known = find_modules(asked);
    const module::loader& from = known.loader;
    warn_of_unread(known);
    const texts names = from.names();
    std::size_t width = 0;
    for (const std::string& name : names)
        width = std::max(width, name.size());
    for (const std::string& name : names) {
        const auto place = from.files_of(name);
        const bool file = place && !place->library.empty();
        print_output(
            "{:<{}}  {}{}{}\n",
            name,
            width,
            file ? shown(place->library) : "built in",
            file && !is_regular(place->library) ? "  (is not a regular file)" : "",
            place && !place->tests.empty() ? "  (has tests)" : ""
        );
    }
    return app::success;
}

int show(const line& asked) {
    if (asked.name.empty())
        throw usage_error("module show: which module?");
    const known_modules known = find_modules(asked);
    const module::loader& from = known.loader;
    module::registry items;
    module::resolver modules(from, items, app::set_up);
    base::diagnostics problems;
    if (!modules.load(asked.name, {}, problems)) {
        report(problems, known.configuration);
        return app::failure;
    }
    const auto place = from.files_of(asked.name);
    print_output(
        "{}: {}\n",
        asked.name,
        place && !place->library.empty() ? shown(place->library) : "built in"
    );
    if (const auto about = items.description_of(asked.name); !about.empty())
        print_output("{}\n", about);
    if (const auto defaults = from.defaults(asked.name, problems))
        print_output("defaults: {}\n", shown(defaults->name));
    if (report(problems, known.configuration))
        return app::failure;
    for (const module::item* one : items.of_module(asked.name))
        print_output("\n{}", described(*one));
    return app::success;
}

int run(const line& asked) {
    if (asked.action == "new")
        return make_new(asked);
    if (asked.action == "list")
        return list_all(asked);
    if (asked.action == "show")
        return show(asked);
    const std::array<std::string, 3> choices{"new", "list", "show"};
    throw usage_error("module: " + invalid_choice(asked.action, choices));
}

} // namespace

int module_command(const invocation& call) {
    const line asked = parse(call);
    if (asked.help)
        return app::success;
    try {
        return run(asked);
    } catch (const unread_configuration&) {
        return app::usage;
    }
}

} // namespace aio::cli
