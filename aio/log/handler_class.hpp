#pragma once

// Turns `class` and `args` of a [handler_*] section into the arguments of a handler. Pure.

#include <aio/base/api.hpp>
#include <aio/log/argument_reader.hpp>
#include <aio/log/literal.hpp>
#include <aio/log/spec.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

enum class handler_class { null, stream, file, rotating, timed, syslog, journald };

/// The class of a name such as "File" or, as in Python, "FileHandler", with or without `logging.`
/// or `logging.handlers.` in front.
AIO_API std::optional<handler_class> find_handler_class(std::string_view name);
/// True for names of Python's own modules: "logging.X", "handlers.X".
bool is_pythons(std::string_view name) noexcept;
/// The short names of all classes.
AIO_API std::vector<std::string> handler_class_names();

/// Reads the arguments in Python's order; missing ones get Python's defaults.
AIO_API handler_args
read_arguments(handler_class wanted, const literal::tuple& args, const argument_report& wrong);

} // namespace aio::log
