#pragma once

// Small specs for tests, without a configuration.

#include <aio/log/spec.hpp>

#include <string>
#include <utility>

namespace aio::log {

/// The root logger with one handler.
inline spec one_handler(
    handler_args args,
    std::string format = "%(levelname)s %(name)s %(message)s",
    level at = level::debug
) {
    spec made;
    made.formatters = {formatter_spec("f", format)};
    made.handlers = {handler_spec("h", std::move(args), "f")};
    made.loggers = {logger_spec("", at, {"h"})};
    return made;
}

} // namespace aio::log
