#pragma once

// From `class` and `args` of a [handler_*] section to what is to be opened. Pure.

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

/// "File" and such, or Python's names: "FileHandler", with or without `logging.` and
/// `logging.handlers.` before it.
AIO_API std::optional<handler_class> find_handler_class(std::string_view name);
/// True for names of Python's own modules: "logging.X", "handlers.X".
bool is_pythons(std::string_view name) noexcept;
/// The short ones.
AIO_API std::vector<std::string> handler_class_names();

/// The arguments in Python's order; what is missing has Python's default.
AIO_API handler_args
read_arguments(handler_class of, const literal::tuple& given, const argument_report& wrong);

} // namespace aio::log
