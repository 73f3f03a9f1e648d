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

std::string range_of(const option& one) {
    if (one.least && one.most)
        return fmt::format(" {} to {}", number(*one.least), number(*one.most));
    if (one.least)
        return fmt::format(" from {}", number(*one.least));
    return one.most ? fmt::format(" to {}", number(*one.most)) : std::string{};
}

std::string type_text(const option& one) {
    std::string out = one.of == type::choice ? fmt::format("{}", fmt::join(one.allowed, "|"))
                                             : std::string{name_of(one.of)};
    out += range_of(one);
    for (const std::string& word : one.words)
        out += '|' + word;
    return out;
}

std::string default_text(const option& one) {
    if (one.required)
        return "required";
    std::string text = to_text(one.standard);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text.empty() ? "-" : text;
}

std::string help_text(const option& one) {
    std::string out = one.help;
    const auto note = [&](std::string_view text) {
        out += fmt::format("{}({})", out.empty() ? "" : " ", text);
    };
    if (one.secret)
        note("secret");
    if (!one.reserved.empty())
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
    for (const std::string& one : all)
        out += fmt::format("{}{}", out.empty() ? "" : ", ", base::json_quote(one));
    return '[' + out + ']';
}

std::string option_json(const option& one) {
    const bool has_default = !one.required && !std::holds_alternative<std::monostate>(one.standard);
    std::string out = fmt::format(
        "{{\"type\": {}, \"required\": {}, \"default\": {}, \"secret\": {}, \"help\": {}",
        base::json_quote(name_of(one.of)),
        one.required,
        has_default ? base::json_quote(to_text(one.standard)) : "null",
        one.secret,
        base::json_quote(one.help)
    );
    if (one.least)
        out += fmt::format(", \"least\": {}", *one.least);
    if (one.most)
        out += fmt::format(", \"most\": {}", *one.most);
    if (!one.allowed.empty())
        out += fmt::format(", \"allowed\": {}", strings_json(one.allowed));
    if (!one.words.empty())
        out += fmt::format(", \"words\": {}", strings_json(one.words));
    if (!one.reserved.empty())
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
