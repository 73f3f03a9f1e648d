#include <aio/base/path_hint.hpp>
#include <aio/log/check_parts.hpp>
#include <aio/log/check_targets.hpp>
#include <aio/log/datagram_socket.hpp>
#include <aio/log/target.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <exception>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <variant>

namespace aio::log {

namespace {

struct file_use {
    std::string path;
    bool turned = false;
};

/// For handlers that write to a path.
std::optional<file_use> file_of(const handler_args& args) {
    return std::visit(
        [](const auto& args) -> std::optional<file_use> {
            using args_type = std::remove_cvref_t<decltype(args)>;
            if constexpr (std::is_same_v<args_type, file_args>)
                return file_use{args.path, false};
            else if constexpr (std::is_same_v<args_type, rotating_args>)
                return file_use{args.path, args.max_bytes != 0 && args.backups != 0};
            else if constexpr (std::is_same_v<args_type, timed_args>)
                return file_use{args.path, true};
            else
                return std::nullopt;
        },
        args
    );
}

std::string socket_of(const handler_args& args) {
    if (const auto* syslog = std::get_if<syslog_args>(&args))
        return syslog->host.empty() ? syslog->path : "";
    if (const auto* journal = std::get_if<journald_args>(&args))
        return journal->path;
    return {};
}

std::string_view never_turned(target_kind kind) {
    switch (kind) {
    case target_kind::descriptor:
        return "an open descriptor";
    case target_kind::pipe:
        return "a pipe";
    case target_kind::device:
        return "a device";
    default:
        return {};
    }
}

/// The handler that rotates each file.
using known_files = std::map<std::string, std::string>;

std::string hint_for(const handler_args& args) {
    const auto use = file_of(args);
    return std::string(base::path_hint(use ? use->path : socket_of(args)));
}

void warn_of_parts(
    const handler_spec& handler,
    const std::string& path,
    const part_obstacles& found,
    base::diagnostics& problems
) {
    if (!found.moving.empty())
        problems.warning(
            handler.where,
            fmt::format(
                "{} '{}' cannot be rotated and grows without limit: {}",
                handler.title(),
                path,
                found.moving
            )
        );
    if (!found.removing.empty())
        problems.warning(
            handler.where,
            fmt::format(
                "{} old parts of '{}' cannot be removed: {}", handler.title(), path, found.removing
            )
        );
}

void warn_of_reopening(
    const handler_spec& handler,
    const std::string& path,
    const target& found,
    const std::optional<base::identity>& user,
    base::diagnostics& problems
) {
    if (const std::string why = why_not_reopened(found, user); !why.empty())
        problems.warning(
            handler.where,
            fmt::format("{} '{}' cannot be reopened by SIGUSR1: {}", handler.title(), path, why)
        );
}

// As in Python, where the same words do the same.
void warn_of_half_a_limit(
    const handler_spec& handler, const std::string& path, base::diagnostics& problems
) {
    const auto* args = std::get_if<rotating_args>(&handler.args);
    if (args && (args->max_bytes == 0) != (args->backups == 0))
        problems.warning(
            handler.where,
            fmt::format(
                "{} '{}' is never rotated and grows without limit: {} is 0",
                handler.title(),
                path,
                args->backups == 0 ? "backupCount" : "maxBytes"
            ),
            "maxBytes and backupCount have to be given both"
        );
}

void check_file(
    const handler_spec& handler,
    const file_use& use,
    const std::string& directory,
    const std::optional<base::identity>& user,
    known_files& known,
    base::diagnostics& problems
) {
    const target found = find_target(use.path, directory);
    if (found.kind == target_kind::folder)
        throw std::system_error(EISDIR, std::generic_category(), "cannot open '" + use.path + "'");
    if (found.kind == target_kind::socket)
        throw std::runtime_error(fmt::format(
            "cannot open '{}': it is a socket, which only a SysLog handler writes to", use.path
        ));
    if (found.way.own_descriptor)
        open(found, beginning::keep, use.path); // changes nothing, and says why it cannot be used
    const std::string_view kind = never_turned(found.kind);
    if (use.turned && !kind.empty())
        problems.warning(
            handler.where,
            fmt::format(
                "{} '{}' is {}: it is never rotated, whatever size or time is given",
                handler.title(),
                use.path,
                kind
            )
        );
    if (!kind.empty())
        return;
    warn_of_half_a_limit(handler, use.path, problems);
    if (!use.turned)
        return warn_of_reopening(handler, use.path, found, user, problems);
    const part_obstacles obstacles = find_obstacles(handler.args, found, user);
    warn_of_parts(handler, use.path, obstacles, problems);
    if (obstacles.moving.empty())
        warn_of_reopening(handler, use.path, found, user, problems);
    const auto [before, first] = known.emplace(found.way.path, handler.title());
    if (!first)
        problems.warning(
            handler.where,
            fmt::format(
                "{} rotates the file of {}, which rotates it as well: the limit that is reached "
                "first counts",
                handler.title(),
                before->second
            )
        );
}

} // namespace

void check_targets(
    const spec& spec,
    const std::string& directory,
    const std::optional<base::identity>& user,
    base::diagnostics& problems
) {
    known_files known;
    for (const handler_spec& handler : spec.handlers) {
        if (!spec.used(handler))
            continue;
        try {
            if (const auto use = file_of(handler.args))
                check_file(handler, *use, directory, user, known, problems);
            if (const std::string path = socket_of(handler.args); !path.empty())
                unix_target(path);
        } catch (const std::system_error& e) {
            if (may_pass(e.code().value()))
                problems.warning(handler.where, handler.title() + " " + e.what());
            else if (e.code().value() != EACCES) // the user that runs aio may have the right
                problems.error(
                    handler.where, handler.title() + " " + e.what(), hint_for(handler.args)
                );
        } catch (const nobody_reads&) { // somebody may later; the log warns of it when it is opened
        } catch (const std::runtime_error& e) {
            problems.error(handler.where, handler.title() + " " + e.what());
        }
    }
}

std::vector<log_path> paths_of(const spec& spec) {
    std::vector<log_path> all;
    for (const handler_spec& handler : spec.handlers) {
        if (!spec.used(handler))
            continue;
        if (const auto use = file_of(handler.args))
            all.push_back({handler.title(), use->path, handler.where, false});
        if (const std::string path = socket_of(handler.args); !path.empty())
            all.push_back({handler.title(), path, handler.where, true});
    }
    return all;
}

} // namespace aio::log
