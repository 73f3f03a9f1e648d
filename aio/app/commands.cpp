#include <aio/app/commands.hpp>
#include <aio/base/text.hpp>

#include <fmt/format.h>

namespace aio::app {

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
        else
            all.push_back({value.name, std::string(base::strip(value.text)), value.text_where});
    }
    return all;
}

} // namespace aio::app
