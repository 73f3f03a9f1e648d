#include <aio/config/options.hpp>
#include <aio/log/handler_section.hpp>

#include <fmt/format.h>

namespace aio::log {

const config::typed& handler_section::at(std::string_view name, std::size_t index) const {
    const auto found = options_.find(name);
    if (found == options_.end())
        throw config::option_error(
            fmt::format("[{}]: the handler does not declare an option '{}'", name_, name)
        );
    if (found->second.index() == 0)
        throw config::option_error(
            fmt::format("[{}] {}: neither a value nor a default", name_, name)
        );
    if (found->second.index() != index)
        throw config::option_error(fmt::format(
            "[{}] {} is declared as a {}, not as a {}",
            name_,
            name,
            config::name_of(static_cast<config::type>(found->second.index())),
            config::name_of(static_cast<config::type>(index))
        ));
    return found->second;
}

bool handler_section::has(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() || found->second.index() != 0;
}

} // namespace aio::log
