#include <aio/cli/command.hpp>

namespace aio::cli {

std::span<const command> builtin_commands() noexcept {
    static const command all[] = {
        {"run", "run what the configuration lists until stopped", run_command},
        {"config", "show, check and change the configuration", config_command},
        {"test", "run the tests of modules", test_command},
        {"graph", "show the tree of what would run", graph_command},
        {"module", "make a module, list modules, show what one offers", module_command},
    };
    return all;
}

} // namespace aio::cli
