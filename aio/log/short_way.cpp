#include <aio/base/text.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/name_list.hpp>
#include <aio/log/short_way.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace aio::log {

namespace {

constexpr std::string_view short_formatter = "log_format"; // no section has this name: [formatter_]
constexpr std::string_view without_time = "%(levelname)s(%(name)s): %(message)s";

std::optional<log_format> parse_format(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, log_format>, 6> words{{
        {"plain", log_format::plain},
        {"stream", log_format::stream},
        {"color", log_format::color},
        {"json", log_format::json},
        {"syslog", log_format::syslog},
        {"journald", log_format::journald},
    }};
    for (const auto& [word, is] : words)
        if (base::equal_ignoring_case(base::strip(text), word))
            return is;
    return std::nullopt;
}

const config::value* good_value(const config::section& section, std::string_view option) {
    const config::value* found = section.find(option);
    return found && found->good ? found : nullptr;
}

/// For an option whose default is none, which an empty text means as well.
const config::value* filled_value(const config::section& section, std::string_view option) {
    const config::value* found = good_value(section, option);
    return found && !base::strip(found->text).empty() ? found : nullptr;
}

bool is_socket(log_format format) {
    return format == log_format::syslog || format == log_format::journald;
}

void set_format(log_format format, spec& on, handler_spec& handler) {
    if (format == log_format::plain)
        return;
    if (format == log_format::stream) {
        handler.args = stream_args{stream::err};
        return;
    }
    const formatter_spec* before = on.find_formatter(handler.formatter);
    formatter_spec fresh = before ? *before : formatter_spec("");
    fresh.name = short_formatter;
    if (format == log_format::color)
        fresh.color = coloring::automatic;
    if (format == log_format::json)
        fresh.as = look::json;
    if (format == log_format::syslog) {
        fresh = formatter_spec(fresh.name, without_time);
        handler.args = syslog_args{};
    }
    if (format == log_format::journald) {
        fresh = formatter_spec(fresh.name, "%(message)s");
        handler.args = journald_args{};
    }
    handler.formatter = fresh.name;
    on.formatters.push_back(std::move(fresh));
}

/// Whether the command line or the environment has said it.
bool is_above_files(const config::tree& tree, const config::value& given) {
    return std::ranges::find(tree.files(), given.where.from) == tree.files().end();
}

// A level in the file of a user does not keep somebody from starting it with another one.
bool is_above_root(const config::tree& tree, const config::value& given) {
    const config::value* root = tree.find("logger_root", "level");
    return root && is_above_files(tree, given) && !is_above_files(tree, *root);
}

void set_root_handlers(const short_way& options, spec& on, base::diagnostics& problems) {
    std::vector<std::string> known;
    for (const handler_spec& handler : on.handlers)
        known.push_back(handler.name);
    logger_spec* root = on.find_logger("");
    root->handlers.clear();
    for (const auto& [name, where] : options.handlers) {
        if (!on.find_handler(name))
            problems.error(
                where,
                fmt::format("[aio] log_handlers: there is no [handler_{}]", name),
                base::did_you_mean(name, known)
            );
        else if (std::ranges::find(root->handlers, name) == root->handlers.end())
            root->handlers.push_back(name);
    }
}

} // namespace

short_way read_short_way(const config::tree& from, base::diagnostics& problems) {
    short_way made;
    const config::section* section = from.find("aio");
    if (!section)
        return made;
    if (const config::value* text = good_value(*section, "log_level")) {
        made.threshold = parse_level(text->text);
        if (!made.threshold)
            problems.error(
                text->text_where,
                "[aio] log_level: " + unknown_level(text->text),
                level_hint(text->text)
            );
        made.above_root = is_above_root(from, *text);
    }
    if (const config::value* text = good_value(*section, "log_format")) {
        made.format = parse_format(text->text);
        made.format_where = text->text_where;
    }
    if (const config::value* text = filled_value(*section, "log_file")) {
        made.file = base::strip(text->text);
        made.file_where = text->text_where;
    }
    if (const config::value* text = filled_value(*section, "log_handlers"))
        made.handlers = read_names(*section, *text);
    return made;
}

void add_defaults(spec& spec, const short_way& options) {
    if (!spec.find_handler(default_handler)) {
        if (!spec.find_formatter(default_formatter))
            spec.formatters.emplace_back(std::string(default_formatter));
        spec.handlers.emplace_back(
            std::string(default_handler), stream_args{stream::out}, std::string(default_formatter)
        );
    }
    if (!spec.find_logger(""))
        spec.loggers.emplace_back(
            "",
            options.threshold.value_or(level::info),
            std::vector<std::string>{std::string(default_handler)}
        );
}

void apply(const short_way& options, spec& on, base::diagnostics& problems) {
    if (options.threshold && options.above_root)
        on.find_logger("")->at = options.threshold;
    if (!options.handlers.empty())
        set_root_handlers(options, on, problems);
    const bool changes = options.format.value_or(log_format::plain) != log_format::plain;
    if (!changes && options.file.empty())
        return;
    handler_spec& handler = *on.find_handler(default_handler);
    if (!on.used(handler)) {
        if (!options.file.empty())
            on.idle_file = options.file_where;
        if (changes)
            problems.warning(
                options.format_where,
                fmt::format(
                    "[aio] log_format has no effect: no logger uses [handler_{}], the one it "
                    "changes",
                    default_handler
                )
            );
        return;
    }
    if (changes) {
        set_format(*options.format, on, handler);
        handler.where = options.format_where;
        handler.asked_by = "[aio] log_format";
    }
    if (options.file.empty())
        return;
    if (options.format && is_socket(*options.format))
        return problems.error(
            options.file_where, "[aio] log_file cannot go with a log_format of syslog or journald"
        );
    handler.args = file_args{options.file};
    handler.where = options.file_where;
    handler.asked_by = "[aio] log_file";
}

void warn_of_idle_file(const spec& spec, base::diagnostics& problems) {
    if (spec.idle_file)
        problems.warning(
            *spec.idle_file,
            fmt::format(
                "[aio] log_file has no effect without -d: no logger uses [handler_{}], the one it "
                "changes",
                default_handler
            )
        );
}

std::string unknown_level(std::string_view text) {
    return fmt::format("unknown level '{}'", text);
}

std::string level_hint(std::string_view text) {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(level::off); ++i)
        names.emplace_back(name(static_cast<level>(i)));
    const std::string hint = base::did_you_mean(text, names);
    return hint.empty() ? "there are " + base::join(names, ", ") : hint;
}

} // namespace aio::log
