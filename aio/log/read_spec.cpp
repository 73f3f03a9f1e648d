#include <aio/base/lookalike.hpp>
#include <aio/base/text.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/pattern.hpp>
#include <aio/log/read_handler.hpp>
#include <aio/log/section_reader.hpp>
#include <aio/log/short_way.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace aio::log {

namespace {

constexpr std::string_view logger_prefix = "logger_";
constexpr std::string_view formatter_prefix = "formatter_";

template <typename Specs>
std::vector<std::string> names_of(const Specs& all) {
    std::vector<std::string> names;
    for (const auto& one : all)
        names.push_back(one.name);
    return names;
}

/// Python's other styles, "{" and "$", spell the fields in another way.
void check_style(const section_reader& from) {
    const config::value* style = from.value("style");
    // A style in [DEFAULT] is meant for sections of others.
    if (style && !style->inherited && base::strip(style->text) != "%")
        from.error(
            from.place(*style),
            fmt::format("style: only % is supported, not '{}'", style->text),
            "write the fields of format as %(asctime)s and %(message)s, and delete style"
        );
}

/// Every record would have the same line, which says nothing.
pattern_error no_field(std::string_view format) {
    const bool other_style =
        format.find('{') != std::string_view::npos || format.find('$') != std::string_view::npos;
    return {
        0,
        fmt::format("invalid format '{}' for '%' style: it has no field", format),
        other_style ? "fields are written %(message)s here, not {message} or ${message}"
                    : "write %(message)s where the text of the record belongs"
    };
}

formatter_spec read_formatter(const section_reader& from) {
    formatter_spec made;
    made.name = from.name();
    made.where = from.where();
    check_style(from);
    if (const config::value* datefmt = from.value("datefmt"))
        made.datefmt = datefmt->text;

    const config::value* kind = from.value("class");
    std::string word = kind ? base::lower_ascii(kind->text) : "plain";
    for (std::string_view ending : {"formatter", "."})
        if (word.ends_with(ending))
            word.resize(word.size() - ending.size());
    word.erase(0, word.rfind('.') + 1);
    if (word == "json") {
        made.as = look::json;
    } else if (word == "color" || word == "colour") {
        made.format = default_format;
        const std::string how = from.options().get<base::choice>("color").value;
        made.color = how == "always"  ? coloring::always
                     : how == "never" ? coloring::never
                                      : coloring::automatic;
    } else if (!word.empty() && word != "plain" && word != "logging") {
        from.error(
            from.place(*kind),
            fmt::format("unknown formatter class '{}'", kind->text),
            "there are plain, color and json"
        );
    }

    const config::value* format = from.value("format");
    if (format && !format->text.empty()) { // an empty one is the default, as Python has it
        made.format = format->text;
        std::vector<pattern_error> errors;
        const std::vector<piece> pieces = parse_pattern(format->text, errors);
        if (errors.empty() && std::ranges::all_of(pieces, [](const piece& each) {
                return each.kind == field::literal;
            }))
            errors.push_back(no_field(format->text));
        for (pattern_error& one : errors)
            from.error(from.place(*format, one.offset), one.text, std::move(one.hint));
    }
    return made;
}

logger_spec read_logger(const section_reader& from, const spec& known) {
    logger_spec made;
    const config::value* qualname = from.value("qualname");
    made.name = qualname ? std::string(base::strip(qualname->text)) : from.name();
    if (made.name == "root" || from.name() == "root")
        made.name.clear();
    if (base::nearly(made.name, "root"))
        from.error(
            qualname ? from.place(*qualname) : from.where(),
            fmt::format("'{}' is not the logger 'root'", made.name),
            base::with_seeming("did you mean 'root'?", made.name, "root")
        );
    made.where = from.where();
    made.propagate = from.options().get<bool>("propagate");
    made.at = from.level_of("level");
    const config::value* level = from.value("level");
    if (level && !made.name.empty() && base::equal_ignoring_case(level->text, "NOTSET"))
        made.at.reset();

    for (const auto& [name, where] : from.names("handlers")) {
        if (!known.find_handler(name))
            from.error(
                where,
                fmt::format("there is no [handler_{}]", name),
                base::did_you_mean(name, names_of(known.handlers))
            );
        else if (std::ranges::find(made.handlers, name) == made.handlers.end())
            made.handlers.push_back(name);
    }
    return made;
}

void check_formatter(
    const spec& known,
    const handler_spec& handler,
    const config::section& from,
    base::diagnostics& problems
) {
    if (handler.formatter.empty() || known.find_formatter(handler.formatter))
        return;
    problems.error(
        from.place_of(*from.find("formatter"), 0),
        fmt::format("[{}] there is no [formatter_{}]", from.name(), handler.formatter),
        base::did_you_mean(handler.formatter, names_of(known.formatters))
    );
}

/// Reports a section that only seems to have the name of one that exists without any section: it
/// would configure nothing.
void check_names(const config::tree& from, base::diagnostics& problems) {
    const std::array known{
        fmt::format("{}{}", handler_prefix, default_handler),
        fmt::format("{}{}", formatter_prefix, default_formatter),
    };
    for (const config::section& section : from.sections()) {
        const std::string seen = base::seeming(section.name());
        if (seen == section.name() || std::ranges::find(known, seen) == known.end())
            continue;
        problems.error(
            section.where(),
            fmt::format("[{}] is not [{}]", section.name(), seen),
            base::with_seeming(fmt::format("did you mean [{}]?", seen), section.name(), seen)
        );
    }
}

void read_formatters(const config::tree& from, spec& into, base::diagnostics& problems) {
    for (const config::section& section : from.sections())
        if (section.name().starts_with(formatter_prefix))
            into.formatters.push_back(
                read_formatter({section, {&formatter_schema()}, formatter_prefix.size(), problems})
            );
}

void read_handlers(
    const config::tree& from, const find_offered& find, spec& into, base::diagnostics& problems
) {
    for (const config::section& section : from.sections())
        if (section.name().starts_with(handler_prefix)) {
            into.handlers.push_back(read_handler(section, find, problems));
            check_formatter(into, into.handlers.back(), section, problems);
        }
}

void read_loggers(const config::tree& from, spec& into, base::diagnostics& problems) {
    std::map<std::string, std::string> configured; // logger → section
    for (const config::section& section : from.sections())
        if (section.name().starts_with(logger_prefix)) {
            const section_reader reader(
                section, {&logger_schema()}, logger_prefix.size(), problems
            );
            logger_spec logger = read_logger(reader, into);
            const auto [before, fresh] = configured.emplace(logger.name, section.name());
            if (!fresh)
                reader.error(
                    logger.where, fmt::format("[{}] configures the same logger", before->second)
                );
            if (logger_spec* already = into.find_logger(logger.name))
                *already = std::move(logger);
            else
                into.loggers.push_back(std::move(logger));
        }
}

} // namespace

spec read_spec(const config::tree& from, base::diagnostics& problems, const find_offered& find) {
    spec made;
    check_names(from, problems);
    read_formatters(from, made, problems);
    read_handlers(from, find, made, problems);
    const short_way options = read_short_way(from, problems);
    add_defaults(made, options);
    read_loggers(from, made, problems);
    apply(options, made, problems);
    return made;
}

} // namespace aio::log
