#include <aio/base/text.hpp>
#include <aio/config/render.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aio::config {

namespace {

using row = std::array<std::string, 4>; // name, type, default, help

std::string number(double value) {
    return fmt::format("{}", value);
}

std::string range_of(const option& option) {
    if (option.least && option.most)
        return fmt::format(" {} to {}", number(*option.least), number(*option.most));
    if (option.least)
        return fmt::format(" from {}", number(*option.least));
    return option.most ? fmt::format(" to {}", number(*option.most)) : std::string{};
}

std::string type_text(const option& option) {
    std::string out = option.value_type == type::choice
                          ? fmt::format("{}", fmt::join(option.allowed, "|"))
                          : std::string{name_of(option.value_type)};
    out += range_of(option);
    for (const std::string& word : option.words)
        out += '|' + word;
    return out;
}

std::string default_text(const option& option) {
    if (option.required)
        return "required";
    std::string text = to_text(option.standard);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text.empty() ? "-" : text;
}

std::string help_text(const option& option) {
    std::string out = option.help;
    const auto note = [&](std::string_view text) {
        out += fmt::format("{}({})", out.empty() ? "" : " ", text);
    };
    if (option.secret)
        note("secret");
    if (!option.reserved.empty())
        note("not in this version");
    return out;
}

std::string aligned(const row& r, const std::array<std::size_t, 3>& width) {
    const std::string line = fmt::format(
        "{:<{}}  {:<{}}  {:<{}}  {}", r[0], width[0], r[1], width[1], r[2], width[2], r[3]
    );
    return std::string{base::strip(line)} + '\n';
}

std::string strings_json(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& text : all)
        out += fmt::format("{}{}", out.empty() ? "" : ", ", base::json_quote(text));
    return '[' + out + ']';
}

std::string option_json(const option& option) {
    const bool has_default =
        !option.required && !std::holds_alternative<std::monostate>(option.standard);
    std::string out = fmt::format(
        "{{\"type\": {}, \"required\": {}, \"default\": {}, \"secret\": {}, \"help\": {}",
        base::json_quote(name_of(option.value_type)),
        option.required,
        has_default ? base::json_quote(to_text(option.standard)) : "null",
        option.secret,
        base::json_quote(option.help)
    );
    if (option.least)
        out += fmt::format(", \"least\": {}", *option.least);
    if (option.most)
        out += fmt::format(", \"most\": {}", *option.most);
    if (!option.allowed.empty())
        out += fmt::format(", \"allowed\": {}", strings_json(option.allowed));
    if (!option.words.empty())
        out += fmt::format(", \"words\": {}", strings_json(option.words));
    if (!option.reserved.empty())
        out += ", \"reserved\": true";
    return out + '}';
}

} // namespace

std::string render_schema(std::span<const schema_listing> all) {
    std::string out;
    for (const schema_listing& one : all) {
        std::vector<row> rows;
        std::array<std::size_t, 3> width{};
        for (const option& o : one.options.all()) {
            rows.push_back({o.name, type_text(o), default_text(o), help_text(o)});
            for (std::size_t i = 0; i < width.size(); ++i)
                width[i] = std::max(width[i], base::code_points(rows.back()[i]));
        }
        out += fmt::format("[{}]  # declared by {}\n", one.section, one.owner);
        for (const row& r : rows)
            out += aligned(r, width);
        out += '\n';
    }
    return out;
}

std::string render_schema_json(std::span<const schema_listing> all) {
    std::string out;
    for (const schema_listing& one : all) {
        std::string options;
        for (const option& o : one.options.all())
            options += fmt::format(
                "{}\n      {}: {}",
                options.empty() ? "" : ",",
                base::json_quote(o.name),
                option_json(o)
            );
        out += fmt::format(
            "{}\n  {{\n    \"section\": {},\n    \"owner\": {},\n    \"options\": {{{}\n    }}\n  "
            "}}",
            out.empty() ? "" : ",",
            base::json_quote(one.section),
            base::json_quote(one.owner),
            options
        );
    }
    return '[' + out + "\n]";
}

} // namespace aio::config
