#include <aio/command/event.hpp>
#include <aio/config/options.hpp>

namespace aio::command {

namespace {

std::string described(std::size_t index) {
    return std::string(config::describe(static_cast<config::type>(index)));
}

} // namespace

const config::typed& event::at(std::string_view name, std::size_t index) const {
    const std::string which = "option '" + std::string(name) + "' of command '" + data_->name + "'";
    const auto found = data_->options.find(name);
    if (found == data_->options.end())
        throw config::option_error(which + " is not declared");
    if (std::holds_alternative<std::monostate>(found->second))
        throw config::option_error(which + " was not given and has no default");
    if (found->second.index() != index)
        throw config::option_error(
            which + " is declared as " + described(found->second.index()) + ", not as " +
            described(index)
        );
    return found->second;
}

bool event::has(std::string_view name) const {
    const auto found = data_->options.find(name);
    if (found == data_->options.end())
        throw config::option_error(
            "option '" + std::string(name) + "' of command '" + data_->name + "' is not declared"
        );
    return !std::holds_alternative<std::monostate>(found->second);
}

} // namespace aio::command
