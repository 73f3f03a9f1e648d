#include <aio/log/spec.hpp>
#include <aio/log/target.hpp>

#include <unistd.h>

#include <algorithm>

namespace aio::log {

namespace {

template <typename Range>
auto* named(Range& in, std::string_view name) {
    const auto found =
        std::ranges::find(in, name, [](const auto& one) { return std::string_view(one.name); });
    return found == in.end() ? nullptr : &*found;
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

bool spec::used(const handler_spec& one) const noexcept {
    return std::ranges::any_of(loggers, [&](const logger_spec& by) {
        return std::ranges::find(by.handlers, one.name) != by.handlers.end();
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

bool outlives_terminal(const spec& of) noexcept {
    return std::ranges::any_of(of.handlers, [&](const handler_spec& handler) {
        return of.used(handler) && !std::holds_alternative<stream_args>(handler.args) &&
               !std::holds_alternative<null_args>(handler.args) && !is_standard(handler.args);
    });
}

} // namespace aio::log
