#include <aio/log/spec.hpp>
#include <aio/log/target.hpp>

#include <unistd.h>

#include <algorithm>

namespace aio::log {

namespace {

template <typename Range>
auto* named(Range& value, std::string_view name) {
    const auto found =
        std::ranges::find(value, name, [](const auto& one) { return std::string_view(one.name); });
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

namespace {

/// "/dev/stdout" and the like, by its name alone.
bool is_standard(const handler_args& args) {
    const auto standard = [](const std::string& path) {
        const auto number = descriptor_of(path);
        return number && *number <= STDERR_FILENO;
    };
    return std::visit(
        [&](const auto& of) {
            if constexpr (requires { of.path; })
                return standard(of.path);
            else
                return false;
        },
        args
    );
}

} // namespace

bool outlives_terminal(const spec& spec) noexcept {
    return std::ranges::any_of(spec.handlers, [&](const handler_spec& handler) {
        return outlives_terminal(spec, handler);
    });
}

bool outlives_terminal(const spec& spec, const handler_spec& handler) noexcept {
    return spec.used(handler) && !std::holds_alternative<stream_args>(handler.args) &&
           !std::holds_alternative<null_args>(handler.args) && !is_standard(handler.args);
}

} // namespace aio::log
