#pragma once

// The short way to configure logging: `[aio] log_level, log_format, log_file, log_handlers`. They
// change the default handler, consoleHandler, and the root logger. Pure.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/log/name_list.hpp>
#include <aio/log/spec.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::log {

inline constexpr std::string_view default_handler = "consoleHandler";
inline constexpr std::string_view default_formatter = "simpleFormatter";

/// plain: the default line on standard output. stream: on standard error. color: levels coloured on
/// a terminal. json: an object a line. syslog, journald: to their sockets, without a time.
enum class log_format { plain, stream, color, json, syslog, journald };

struct short_way {
    std::optional<level> threshold;
    bool above_root = false; ///< the threshold counts more than a level of [logger_root]
    std::optional<log_format> format;
    std::string file;                  ///< empty: none
    std::vector<placed_name> handlers; ///< of the root logger, when not empty
    base::location format_where, file_where;

    short_way() = default;
};

/// Reads the section [aio]. Only levels are checked here; the schema of the section reports wrong
/// words of log_format.
AIO_API short_way read_short_way(const config::tree& from, base::diagnostics& problems);

/// Adds the root logger, the default handler and its formatter where the spec has none, so that
/// logging works without any section.
AIO_API void add_defaults(spec& spec, const short_way& options);

/// Applies the options of [aio] to the spec.
AIO_API void apply(const short_way& options, spec& on, base::diagnostics& problems);

// What to say about a text that is no level.
std::string unknown_level(std::string_view text);
AIO_API std::string level_hint(std::string_view text);

} // namespace aio::log
