#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/config_line.hpp>

namespace aio::cli {

std::span<const command> builtin_commands() noexcept {
    static const command all[] = {
        {"run", "run what the configuration lists until stopped", run_command, asks_for_help},
        {"config", "show, check and change the configuration", config_command, asks_for_config_help
        },
        {"test", "run the tests of modules", test_command, asks_for_help},
        {"graph", "show the tree of what would run", graph_command, asks_for_help},
        {"module",
         "make a module, list modules, show what one offers",
         module_command,
         asks_for_help},
    };
    return all;
}

} // namespace aio::cli
