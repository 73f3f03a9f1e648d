#include <aio/base/text.hpp>
#include <aio/log/custom_values.hpp>
#include <aio/log/handler_class.hpp>
#include <aio/log/read_handler.hpp>
#include <aio/log/section_reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

/// Python's names are not listed, but a near miss of one is answered with it.
std::string nearest_class(const std::string& given, std::vector<std::string> names) {
    const std::size_t count = names.size();
    for (std::size_t i = 0; i < count; ++i)
        names.push_back(names[i] + "Handler");
    const auto near = base::nearest(given, names);
    if (near.empty())
        return "there are " + base::join(std::span(names).first(count), ", ");
    return fmt::format("did you mean '{}'?", near.front());
}

/// The arguments in `args`; nothing when they are wrong, which was said.
std::optional<literal::tuple> read_tuple(const section_reader& from) {
    const config::value* args = from.value("args");
    literal_error wrong;
    auto given = parse_arguments(args ? args->text : "()", wrong);
    if (!given)
        from.error(args ? from.place(*args, wrong.offset) : from.where(), "args: " + wrong.text);
    return given;
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
    const auto given = read_tuple(from);
    return given ? read_arguments(*built_in, *given, report_to(from)) : handler_args{};
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

/// The arguments, before the section is read by its schemas; none when they are wrong. What they
/// give to a secret option becomes a secret, and so does a text that cannot be read as arguments
/// where a secret may be meant.
literal::tuple given_arguments(const config::section& from, const config::schema& declared) {
    const config::value* args = from.find("args");
    if (!args || !args->good)
        return {};
    literal_error said_later;
    const auto given = parse_arguments(args->text, said_later);
    if (!given) {
        if (std::ranges::any_of(declared.all(), &config::option::secret))
            from.learn_secret("args");
        return {};
    }
    if (auto secrets = secrets_by_place(declared, *given)) {
        from.learn_secret("args");
        for (std::string& text : *secrets)
            from.learn_secret_text(std::move(text));
    }
    return *given;
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
    const std::size_t positional = given_arguments(from, offered->options).size();
    const config::schema named = without_given(offered->options, positional);
    const section_reader reader(from, {&handler_schema(), &named}, handler_prefix.size(), problems);
    handler_spec made = read_common(reader);
    const auto given = read_tuple(reader);
    made.args = custom_args{
        std::move(class_name),
        offered->make,
        {from.name(),
         custom_values(
             offered->options, reader.options(), given.value_or(literal::tuple{}), report_to(reader)
         )}
    };
    return made;
}

} // namespace

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

} // namespace aio::log
