#include <aio/app/commands.hpp>
#include <aio/base/text.hpp>

#include <fmt/format.h>

#include <string_view>

namespace aio::app {

namespace {

/// Why nobody can type this as the name of a command; empty: it can be typed.
std::string_view why_not_typed(std::string_view name) {
    if (name.empty())
        return "the name is empty";
    if (name.front() == '-')
        return "a word that begins with '-' is an option";
    if (name.find_first_of(" \t\n\r\v\f") != std::string_view::npos)
        return "a name holds no blanks";
    return name.find('=') == std::string_view::npos ? "" : "a name holds no '='";
}

} // namespace

std::vector<user_command> user_commands(const config::tree& tree, base::diagnostics& problems) {
    std::vector<user_command> all;
    const config::section* own = tree.find("aio/commands");
    if (!own)
        return all;
    for (const config::value& value : own->values()) {
        if (value.inherited || !value.good)
            continue;
        if (tree.find("aio/builtin_commands", value.name))
            problems.error(
                value.where,
                fmt::format("[aio/commands] {}: this is a command of aio itself", value.name),
                "give it another name"
            );
        else if (const std::string_view why = why_not_typed(value.name); !why.empty())
            problems.error(
                value.where,
                fmt::format(
                    "[aio/commands] '{}' can never be called as a command: {}", value.name, why
                ),
                "give it another name"
            );
        else
            all.push_back({value.name, std::string(base::strip(value.text)), value.text_where});
    }
    return all;
}

} // namespace aio::app
