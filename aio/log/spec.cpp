#include <aio/base/nowhere.hpp>
#include <aio/base/way.hpp>
#include <aio/log/spec.hpp>

#include <unistd.h>

#include <algorithm>

namespace aio::log {

namespace {

template <typename Range>
auto* named(Range& value, std::string_view name) {
    const auto found = std::ranges::find(value, name, [](const auto& listed) {
        return std::string_view(listed.name);
    });
    return found == value.end() ? nullptr : &*found;
}

} // namespace

const formatter_spec* spec::find_formatter(std::string_view name) const noexcept {
    return named(formatters, name);
}

const handler_spec* spec::find_handler(std::string_view name) const noexcept {
    return named(handlers, name);
}

handler_spec* spec::find_handler(std::string_view name) noexcept {
    return named(handlers, name);
}

logger_spec* spec::find_logger(std::string_view name) noexcept {
    return named(loggers, name);
}

bool spec::used(const handler_spec& handler) const noexcept {
    return std::ranges::any_of(loggers, [&](const logger_spec& logger) {
        return std::ranges::find(logger.handlers, handler.name) != logger.handlers.end();
    });
}

named_descriptor descriptor_named_by(const handler_spec& handler, const std::string& directory) {
    const auto kind = [&](const std::string& path) {
        const auto number = base::follow(path, directory).own_descriptor;
        if (!number)
            return named_descriptor::none;
        if (::isatty(*number) == 1)
            return named_descriptor::terminal;
        return base::leads_nowhere(*number) ? named_descriptor::nowhere : named_descriptor::lasting;
    };
    return std::visit(
        [&](const auto& args) {
            if constexpr (requires { args.path; })
                return args.path.empty() ? named_descriptor::none : kind(args.path);
            else
                return named_descriptor::none;
        },
        handler.args
    );
}

bool outlives_terminal(const spec& spec, const std::string& directory) {
    return std::ranges::any_of(spec.handlers, [&](const handler_spec& handler) {
        return outlives_terminal(spec, handler, directory);
    });
}

bool outlives_terminal(
    const spec& spec, const handler_spec& handler, const std::string& directory
) {
    if (!spec.used(handler) || std::holds_alternative<stream_args>(handler.args) ||
        std::holds_alternative<null_args>(handler.args))
        return false;
    const named_descriptor named = descriptor_named_by(handler, directory);
    return named == named_descriptor::none || named == named_descriptor::lasting;
}

} // namespace aio::log
