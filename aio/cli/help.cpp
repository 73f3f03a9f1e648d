#include <aio/base/visible.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/user_command.hpp>
#include <aio/module/abi.hpp>
#include <aio/version.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <sstream>

namespace aio::cli {
namespace {

constexpr std::string_view usage =
    "usage: aio [-h] [--version] [-c FILE]... [-o SECTION:OPTION=VALUE]... COMMAND [ARG]...\n";

std::string line(std::string_view name, std::string_view help, std::size_t width) {
    return fmt::format("  {:<{}}  {}\n", name, width, help);
}

} // namespace

std::string help_text(const app::load_request& request) {
    base::diagnostics ignored;
    const app::loaded source = app::load(request);
    const auto own = app::user_commands(source.tree, ignored);
    std::size_t width = 6;
    for (const auto& command : own)
        width = std::max(width, command.name.size());

    std::string text = fmt::format(
        "{}\nAn application server: runs what an INI file lists.\n\ncommands:\n", usage
    );
    for (const command& known : builtin_commands())
        text += line(known.name, known.help, width);
    for (const auto& command : own)
        text += line(
            base::visible(command.name, base::layout::one_line),
            base::visible(user_command_help(command, source.tree)),
            width
        );
    text +=
        "\noptions:\n"
        "  -h, --help                           show this help; aio COMMAND -h: help of a command\n"
        "      --version                        print the version\n"
        "  -c, --config FILE                    read this file; repeatable, later ones win\n"
        "  -o, --override SECTION:OPTION=VALUE  override one value; repeatable\n"
        "\nWithout -c: the first of ./aio.conf, ./etc/aio.conf, /etc/aio/aio.conf, "
        "/etc/aio.conf.\n";
    return text;
}

int print_version() {
    print_output("aio {}\n{}\n", version, module::library_abi());
    return 0;
}

int print_command_help(
    std::string_view usage_line, std::string_view about, const po::options_description& options
) {
    std::ostringstream listed;
    listed << options;
    print_output("usage: {}\n\n{}\n\noptions:\n{}", usage_line, about, listed.str());
    return 0;
}

} // namespace aio::cli
