#pragma once

// What logging was asked for: the sections [logger_*], [handler_*] and [formatter_*] as values.
// Pure: reading opens nothing, every mistake is a diagnostic. tree::configure makes it real.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/log/handler_section.hpp>
#include <aio/log/level.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aio::config {
class tree;
class schema;
} // namespace aio::config

namespace aio::log {

/// `2026-11-21 09:36:52,489 INFO(aio): started`
inline constexpr std::string_view default_format =
    "%(asctime)s %(levelname)s(%(name)s): %(message)s";

enum class look { plain, json };
enum class coloring { automatic, always, never };

struct formatter_spec {
    std::string name;
    look as = look::plain;
    std::string format = "%(message)s"; ///< of plain ones
    std::string datefmt;                ///< strftime; empty: `2026-11-21 09:36:52,489`
    coloring color = coloring::never;   ///< automatic: when it is written to a terminal
    base::location where;

    formatter_spec() = default;

    explicit formatter_spec(std::string name_, std::string_view format_ = default_format)
        : name(std::move(name_)), format(format_) {}
};

enum class stream { out, err };
enum class period { second, minute, hour, day, midnight, weekday };

struct stream_args {
    stream target = stream::err;
};

struct file_args {
    std::string path;
    bool append = true;
};

/// Rolls over to path.1, path.2, … before a record would make the file larger than max_bytes; never
/// when `max_bytes` or `backups` is 0.
struct rotating_args {
    std::string path;
    bool append = true;
    std::uint64_t max_bytes = 0;
    unsigned backups = 0;
};

/// Rolls over to path.2026-11-21 and the like; `backups` 0 keeps all of them.
struct timed_args {
    std::string path;
    period every = period::hour;
    unsigned interval = 1;
    unsigned weekday = 0; ///< 0: Monday
    unsigned backups = 0;
    bool utc = false;
};

/// A path is a unix socket, of datagrams or a stream, otherwise it is UDP.
struct syslog_args {
    std::string path = "/dev/log";
    std::string host;
    std::uint16_t port = 514;
    int facility = 1; ///< user
};

struct journald_args {
    std::string path = "/run/systemd/journal/socket";
};

struct null_args {};

/// A handler class that a module offers.
struct custom_args {
    std::string class_name; ///< "my.module.name"
    std::shared_ptr<const make_sink> make;
    handler_section section;
};

using handler_args = std::variant<
    null_args,
    stream_args,
    file_args,
    rotating_args,
    timed_args,
    syslog_args,
    journald_args,
    custom_args>;

struct handler_spec {
    std::string name;
    handler_args args;
    level at_least = level::trace;
    std::string formatter; ///< empty: the message alone
    base::location where;  ///< of its arguments
    std::string asked_by;  ///< the option of another section that set the arguments; empty: none

    handler_spec() = default;

    handler_spec(std::string name_, handler_args args_, std::string formatter_ = {})
        : name(std::move(name_)), args(std::move(args_)), formatter(std::move(formatter_)) {}

    /// Its name in messages: the text that the user wrote.
    std::string title() const { return asked_by.empty() ? "[handler_" + name + "]" : asked_by; }
};

struct logger_spec {
    std::string name;        ///< dotted; empty: the root
    std::optional<level> at; ///< nothing: the level of the nearest ancestor that has one
    std::vector<std::string> handlers;
    bool propagate = true;
    base::location where;

    logger_spec() = default;

    logger_spec(
        std::string name_, std::optional<level> at_, std::vector<std::string> handlers_ = {}
    )
        : name(std::move(name_)), at(at_), handlers(std::move(handlers_)) {}
};

struct AIO_API spec {
    std::vector<formatter_spec> formatters;
    std::vector<handler_spec> handlers;
    std::vector<logger_spec> loggers;
    /// Of [aio] log_file, when no logger uses the handler that it changes. It is still the standard
    /// output and error of a daemon.
    std::optional<base::location> idle_file;

    const formatter_spec* find_formatter(std::string_view name) const noexcept;
    const handler_spec* find_handler(std::string_view name) const noexcept;
    handler_spec* find_handler(std::string_view name) noexcept;
    logger_spec* find_logger(std::string_view name) noexcept;
    /// True when some logger uses the handler. The others are checked but never opened.
    bool used(const handler_spec& handler) const noexcept;
};

/// Finds a handler class by its dotted name. Nothing when there is none; the reason was reported
/// with the place `where`.
using find_offered =
    std::function<std::optional<offered_handler>(std::string_view dotted, base::location where)>;

/// Reads every section of logging and reports all mistakes. Without `find` there are only the
/// built-in handler classes.
AIO_API spec
read_spec(const config::tree& from, base::diagnostics& problems, const find_offered& find = {});

/// What the path of a handler means when it names a descriptor of this process, such as
/// "/dev/stdout".
enum class named_descriptor {
    none,     ///< the path names no descriptor
    terminal, ///< a daemon leaves it
    nowhere,  ///< what is written to it is lost (base::leads_nowhere)
    lasting   ///< a daemon keeps it
};

/// A relative path starts at `directory`.
AIO_API named_descriptor
descriptor_named_by(const handler_spec& handler, const std::string& directory = {});
/// True when the records still go somewhere once the terminal and the streams of the caller are
/// gone (`-d`): to a file, to a socket, or to a lasting descriptor.
AIO_API bool outlives_terminal(const spec& spec, const std::string& directory = {});
/// The same of one handler.
AIO_API bool
outlives_terminal(const spec& spec, const handler_spec& handler, const std::string& directory = {});

/// Warns that an idle_file has no effect without `-d`. A daemon needs no such warning.
AIO_API void warn_of_idle_file(const spec& spec, base::diagnostics& problems);

/// The options of the three kinds of section.
AIO_API const config::schema& logger_schema();
AIO_API const config::schema& handler_schema();
AIO_API const config::schema& formatter_schema();
/// True for sections that belong to logging: `logger_X`, `handler_X`, `formatter_X`, and
/// `loggers`, `handlers`, `formatters`, whose key lists are not needed and not read.
AIO_API bool owns(std::string_view section_name) noexcept;

} // namespace aio::log
