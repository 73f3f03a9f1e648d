#include <aio/app/commands.hpp>
#include <aio/base/text.hpp>

#include <fmt/format.h>

namespace aio::app {

std::vector<user_command> user_commands(const config::tree& tree, base::diagnostics& problems) {
    std::vector<user_command> all;
    const config::section* own = tree.find("aio/commands");
    if (!own)
        return all;
    for (const config::value& one : own->values()) {
        if (one.inherited || !one.good)
            continue;
        if (tree.find("aio/builtin_commands", one.name))
            problems.error(
                one.where,
                fmt::format("[aio/commands] {}: this is a command of aio itself", one.name),
                "give it another name"
            );
        else
            all.push_back({one.name, std::string(base::strip(one.text)), one.text_where});
    }
    return all;
}

} // namespace aio::app
