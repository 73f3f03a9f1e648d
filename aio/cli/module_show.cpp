#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/cli/module_show.hpp>

#include <fmt/format.h>

#include <array>

namespace aio::cli {

namespace {

struct writer {
    std::string operator()(std::monostate) const { return {}; }

    std::string operator()(bool value) const { return value ? "yes" : "no"; }

    std::string operator()(std::int64_t value) const { return std::to_string(value); }

    std::string operator()(double value) const { return fmt::format("{}", value); }

    std::string operator()(const std::string& value) const { return value; }

    std::string operator()(base::duration value) const { return base::format(value); }

    std::string operator()(base::size value) const { return base::format(value); }

    std::string operator()(base::rate value) const { return base::format(value); }

    std::string operator()(const base::list& value) const { return base::join(value, ", "); }

    std::string operator()(const base::choice& value) const { return value.value; }
};

std::string_view type_name(config::type of) {
    constexpr std::array<std::string_view, 10> names{
        "any", "boolean", "integer", "real", "text", "duration", "size", "rate", "list", "choice"
    };
    return names.at(static_cast<std::size_t>(of));
}

std::string option_line(const config::option& of) {
    const std::string type =
        of.of == config::type::choice ? base::join(of.allowed, "|") : std::string(type_name(of.of));
    const std::string value = written(of.standard);
    std::string state;
    if (of.required)
        state = "required";
    else if (of.secret)
        state = "secret";
    else if (!value.empty())
        state = "default " + value;
    std::string line = fmt::format("    {:<16} {:<10} {:<18} {}", of.name, type, state, of.help);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

} // namespace

std::string written(const config::typed& value) {
    return std::visit(writer{}, value);
}

std::string described(const module::item& of) {
    std::string text = of.kind + ' ' + of.name + '\n';
    if (!of.help.empty())
        text += "    " + of.help + '\n';
    for (const config::option& one : of.options.all())
        text += option_line(one);
    return text;
}

} // namespace aio::cli
