#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/command/values.hpp>

#include <algorithm>

namespace aio::command {

namespace {

template <typename T>
std::optional<config::typed> typed_of(std::optional<T> value) {
    return value ? std::optional<config::typed>(std::in_place, std::move(*value)) : std::nullopt;
}

std::optional<config::typed> choose(const config::option& of, std::string_view text) {
    for (const std::string& word : of.allowed)
        if (base::equal_ignoring_case(word, text))
            return config::typed{base::choice{word, of.allowed}};
    return std::nullopt;
}

std::optional<config::typed> parse(const config::option& of, std::string_view text) {
    switch (of.of) {
    case config::type::boolean:
        return typed_of(base::parse_boolean(text));
    case config::type::integer:
        return typed_of(base::parse_integer(text));
    case config::type::real:
        return typed_of(base::parse_real(text));
    case config::type::duration:
        return typed_of(base::parse_duration(text));
    case config::type::size:
        return typed_of(base::parse_size(text));
    case config::type::rate:
        return typed_of(base::parse_rate(text));
    case config::type::list:
        return config::typed{base::parse_list(text)};
    case config::type::choice:
        return choose(of, text);
    default:
        return config::typed{std::string(text)};
    }
}

/// The number that `least` and `most` are about.
std::optional<double> magnitude(const config::typed& value) {
    if (const auto* n = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*n);
    if (const auto* n = std::get_if<double>(&value))
        return *n;
    if (const auto* n = std::get_if<base::duration>(&value))
        return std::chrono::duration<double>(*n).count();
    if (const auto* n = std::get_if<base::size>(&value))
        return static_cast<double>(n->bytes);
    if (const auto* n = std::get_if<base::rate>(&value))
        return n->per_second;
    return std::nullopt;
}

bool in_range(const config::option& of, const config::typed& value) {
    const auto number = magnitude(value);
    return !number || ((!of.least || *number >= *of.least) && (!of.most || *number <= *of.most));
}

std::string expected(const config::option& of) {
    return of.of == config::type::choice ? "one of " + base::join(of.allowed, ", ")
                                         : std::string(config::describe(of.of));
}

} // namespace

std::optional<config::typed>
parse_value(const config::option& of, std::string_view text, std::string& wrong) {
    auto value = parse(of, text);
    if (!value)
        wrong = "'" + std::string(text) + "' is not " + expected(of);
    else if (!in_range(of, *value)) {
        wrong = "'" + std::string(text) + "' is out of range";
        value.reset();
    }
    return value;
}

values read_values(
    const config::schema& declared,
    const std::map<std::string, std::vector<std::string>>& given,
    std::vector<std::string>& mistakes
) {
    values read;
    for (const config::option& one : declared.all()) {
        read[one.name] = one.required ? config::typed{} : one.standard;
        const auto found = given.find(one.name);
        if (found == given.end() || found->second.empty()) {
            if (one.required)
                mistakes.push_back("option '--" + one.name + "' is required");
            continue;
        }
        std::string wrong;
        const bool many = one.of == config::type::list;
        const std::string text = many ? base::join(found->second, "\n") : found->second.back();
        if (auto value = parse_value(one, text, wrong))
            read[one.name] = std::move(*value);
        else
            mistakes.push_back("option '--" + one.name + "': " + wrong);
    }
    return read;
}

} // namespace aio::command
