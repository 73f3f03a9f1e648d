// aio module new NAME [--dir DIR] | list | show NAME

#include <aio/app/exit_status.hpp>
#include <aio/app/load.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/sections.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/module_files.hpp>
#include <aio/cli/module_show.hpp>
#include <aio/cli/module_skeleton.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/module/loader.hpp>
#include <aio/module/path.hpp>
#include <aio/module/registry.hpp>
#include <aio/module/resolve.hpp>

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <system_error>

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

/// A path as it is typed into a shell.
std::string shell_word(const std::string& path) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+,=@%";
    if (path.find_first_not_of(plain) == std::string::npos)
        return path;
    std::string quoted = "'";
    for (const char c : path)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

module::loader loader_of(const config::tree& configuration) {
    base::diagnostics ignored; // modules can be shown whatever else is wrong
    return app::make_loader(app::read_settings(configuration, ignored));
}

bool is_built_in(const line& asked) {
    const module::loader known = loader_of(app::load(asked.config).tree);
    const auto place = known.where().find(asked.name);
    base::diagnostics unsaid;
    return (!place || place->library.empty()) && known.load(asked.name, {}, unsaid);
}

bool is_shipped(const std::string& name) {
    return module::path({module::installed_modules()}).find(name).has_value();
}

int make_new(const line& asked) {
    if (!module::valid_name(asked.name))
        throw usage_error(
            "module new: '" + asked.name +
            "' is not a module name: words of letters, digits and _ between dots, like my.example"
        );
    if (is_built_in(asked))
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
        base::say(why);
        return app::failure;
    }
    print_output(
        "Module {0} is in {1}. Next:\n\n    cd {3}\n    cmake -S . -B build && cmake --build "
        "build\n"
        "    aio -c {2}.conf run\n    aio -c {2}.conf test {0}\n",
        asked.name,
        asked.folder.string(),
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
    const module::loader from = loader_of(app::load(asked.config).tree);
    const texts names = from.names();
    std::size_t width = 0;
    for (const std::string& name : names)
        width = std::max(width, name.size());
    for (const std::string& name : names) {
        const auto place = from.where().find(name);
        const bool file = place && !place->library.empty();
        print_output(
            "{:<{}}  {}{}{}\n",
            name,
            width,
            file ? place->library.string() : "built in",
            file && !is_regular(place->library) ? "  (is not a regular file)" : "",
            place && !place->tests.empty() ? "  (has tests)" : ""
        );
    }
    return app::success;
}

int show(const line& asked) {
    if (asked.name.empty())
        throw usage_error("module show: which module?");
    const app::loaded source = app::load(asked.config);
    const module::loader from = loader_of(source.tree);
    module::registry items;
    module::resolver modules(from, items, app::set_up);
    base::diagnostics problems;
    if (!modules.load(asked.name, {}, problems)) {
        report(problems, source.tree);
        return app::failure;
    }
    const auto place = from.where().find(asked.name);
    print_output(
        "{}: {}\n",
        asked.name,
        place && !place->library.empty() ? place->library.string() : "built in"
    );
    if (const auto about = items.description_of(asked.name); !about.empty())
        print_output("{}\n", about);
    if (const auto defaults = from.defaults(asked.name, problems))
        print_output("defaults: {}\n", defaults->name);
    if (report(problems, source.tree))
        return app::failure;
    for (const module::item* one : items.of_module(asked.name))
        print_output("\n{}", described(*one));
    return app::success;
}

} // namespace

int module_command(const invocation& call) {
    const line asked = parse(call);
    if (asked.help)
        return app::success;
    if (asked.action == "new")
        return make_new(asked);
    if (asked.action == "list")
        return list_all(asked);
    if (asked.action == "show")
        return show(asked);
    const std::array<std::string, 3> choices{"new", "list", "show"};
    throw usage_error("module: " + invalid_choice(asked.action, choices));
}

} // namespace aio::cli
