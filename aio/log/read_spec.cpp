#include <aio/base/text.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/custom_values.hpp>
#include <aio/log/handler_class.hpp>
#include <aio/log/name_list.hpp>
#include <aio/log/pattern.hpp>
#include <aio/log/short_way.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace aio::log {

namespace {

constexpr std::string_view logger_prefix = "logger_";
constexpr std::string_view handler_prefix = "handler_";
constexpr std::string_view formatter_prefix = "formatter_";

template <typename Specs>
std::vector<std::string> names_of(const Specs& all) {
    std::vector<std::string> names;
    for (const auto& one : all)
        names.push_back(one.name);
    return names;
}

/// One section with its options and their places.
class section_reader {
  public:
    using schemas = std::vector<const config::schema*>;

    section_reader(
        const config::section& from,
        const schemas& schemas,
        std::size_t prefix,
        base::diagnostics& problems
    )
        : from_(from), to_(problems), name_(from.name().substr(prefix)),
          options_(config::read(from, schemas, config::unknown::error, problems)) {}

    const std::string& name() const noexcept { return name_; }

    base::location where() const { return from_.where(); }

    const config::options& options() const noexcept { return options_; }

    /// The value if it is written and interpolated without errors; otherwise nothing.
    const config::value* value(std::string_view option) const {
        const config::value* found = from_.find(option);
        return found && found->good ? found : nullptr;
    }

    base::location place(const config::value& value, std::size_t offset = 0) const {
        return from_.place_of(value, offset);
    }

    std::vector<placed_name> names(std::string_view option) const {
        const config::value* found = value(option);
        return found ? read_names(from_, *found) : std::vector<placed_name>{};
    }

    void error(base::location where, std::string_view text, std::string hint = {}) const {
        to_.error(std::move(where), fmt::format("[{}] {}", from_.name(), text), std::move(hint));
    }

    std::optional<level> level_of(std::string_view option) const {
        const config::value* found = value(option);
        // A bad [aio] log_level is reported there, once.
        if (!found || (is_log_level(found->raw) && !parse_level(found->text)))
            return std::nullopt;
        const std::optional<level> threshold = parse_level(found->text);
        if (!threshold)
            error(place(*found), unknown_level(found->text), level_hint(found->text));
        return threshold;
    }

  private:
    static bool is_log_level(std::string_view raw) {
        return raw == "${aio:log_level}" || raw == "$<aio:log_level>";
    }

    const config::section& from_;
    base::diagnostics& to_;
    std::string name_;
    config::options options_;
};

formatter_spec read_formatter(const section_reader& from) {
    formatter_spec made;
    made.name = from.name();
    made.where = from.where();
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

    if (const config::value* format = from.value("format")) {
        made.format = format->text;
        std::vector<pattern_error> errors;
        parse_pattern(format->text, errors);
        for (pattern_error& one : errors)
            from.error(from.place(*format, one.offset), one.text, std::move(one.hint));
    }
    return made;
}

/// Python's names are not listed, but a near miss of one is answered with it.
std::string nearest_class(const std::string& text, std::vector<std::string> names) {
    const std::size_t count = names.size();
    for (std::size_t i = 0; i < count; ++i)
        names.push_back(names[i] + "Handler");
    const auto near = base::nearest(text, names);
    if (near.empty())
        return "there are " + base::join(std::span(names).first(count), ", ");
    return fmt::format("did you mean '{}'?", near.front());
}

/// The arguments in `args`; nothing when they are wrong, which is reported.
std::optional<literal::tuple> read_tuple(const section_reader& from) {
    const config::value* args = from.value("args");
    literal_error wrong;
    auto entry = parse_arguments(args ? args->text : "()", wrong);
    if (!entry)
        from.error(args ? from.place(*args, wrong.offset) : from.where(), "args: " + wrong.text);
    return entry;
}

argument_report report_to(const section_reader& from) {
    return [&from, args = from.value("args")](std::size_t offset, std::string text) {
        from.error(args ? from.place(*args, offset) : from.where(), "args: " + std::move(text));
    };
}

handler_args read_args(const section_reader& from) {
    const config::value* kind = from.value("class");
    if (!kind)
        return {};
    const auto built_in = find_handler_class(base::strip(kind->text));
    if (!built_in) {
        from.error(
            from.place(*kind),
            fmt::format("unknown handler class '{}'", kind->text),
            nearest_class(kind->text, handler_class_names())
        );
        return {};
    }
    const auto args = read_tuple(from);
    return args ? read_arguments(*built_in, *args, report_to(from)) : handler_args{};
}

handler_spec read_common(const section_reader& from) {
    handler_spec made;
    made.name = from.name();
    const config::value* args = from.value("args");
    made.where = args ? from.place(*args) : from.where();
    made.at_least = from.level_of("level").value_or(level::trace);
    if (const config::value* formatter = from.value("formatter"))
        made.formatter = base::strip(formatter->text);
    return made;
}

/// The dotted name of a handler class that is none of the built-in ones; empty otherwise.
std::string module_class(const config::section& from) {
    const config::value* kind = from.find("class");
    if (!kind || !kind->good)
        return {};
    const std::string_view name = base::strip(kind->text);
    const bool dotted = name.find('.') != name.npos && !is_pythons(name);
    return dotted && !find_handler_class(name) ? std::string(name) : std::string();
}

/// How many arguments there are, before the section is read by its schemas.
std::size_t given_arguments(const config::section& from) {
    const config::value* args = from.find("args");
    literal_error said_later;
    const auto entry = args && args->good ? parse_arguments(args->text, said_later) : std::nullopt;
    return entry ? entry->size() : 0;
}

handler_spec read_custom(
    const config::section& from,
    std::string class_name,
    const find_offered& find,
    base::diagnostics& problems
) {
    const config::value& kind = *from.find("class");
    const auto offered = find(class_name, from.place_of(kind, 0));
    if (!offered) {
        base::diagnostics unknown_options; // the class that would declare them is not known
        return read_common({from, {&handler_schema()}, handler_prefix.size(), unknown_options});
    }
    const config::schema named = without_given(offered->options, given_arguments(from));
    const section_reader reader(from, {&handler_schema(), &named}, handler_prefix.size(), problems);
    handler_spec made = read_common(reader);
    const auto args = read_tuple(reader);
    made.args = custom_args{
        std::move(class_name),
        offered->make,
        {from.name(),
         custom_values(
             offered->options, reader.options(), args.value_or(literal::tuple{}), report_to(reader)
         )}
    };
    return made;
}

logger_spec read_logger(const section_reader& from, const spec& known) {
    logger_spec made;
    const config::value* qualname = from.value("qualname");
    made.name = qualname ? std::string(base::strip(qualname->text)) : from.name();
    if (made.name == "root" || from.name() == "root")
        made.name.clear();
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

void read_formatters(const config::tree& from, spec& into, base::diagnostics& problems) {
    for (const config::section& section : from.sections())
        if (section.name().starts_with(formatter_prefix))
            into.formatters.push_back(
                read_formatter({section, {&formatter_schema()}, formatter_prefix.size(), problems})
            );
}

handler_spec
read_handler(const config::section& from, const find_offered& find, base::diagnostics& problems) {
    std::string class_name = find ? module_class(from) : std::string();
    if (!class_name.empty())
        return read_custom(from, std::move(class_name), find, problems);
    const section_reader reader(from, {&handler_schema()}, handler_prefix.size(), problems);
    handler_spec made = read_common(reader);
    made.args = read_args(reader);
    return made;
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
    read_formatters(from, made, problems);
    read_handlers(from, find, made, problems);
    const short_way options = read_short_way(from, problems);
    add_defaults(made, options);
    read_loggers(from, made, problems);
    apply(options, made, problems);
    return made;
}

} // namespace aio::log
