#include <aio/base/text.hpp>
#include <aio/cli/module_show.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::cli {

namespace {

std::string option_line(const config::option& of) {
    const std::string type = of.of == config::type::choice ? base::join(of.allowed, "|")
                                                           : std::string(config::name_of(of.of));
    std::string value = config::to_text(of.standard);
    std::ranges::replace(value, '\n', ' '); // the entries of a list
    std::string state;
    if (of.required)
        state = "required";
    else if (of.secret)
        state = "secret";
    else if (!value.empty())
        state = "default " + value;
    std::string line = fmt::format("    {:<16} {:<12} {:<18} {}", of.name, type, state, of.help);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

} // namespace

std::string described(const module::item& of) {
    std::string text = of.kind + ' ' + of.name + '\n';
    if (!of.help.empty())
        text += "    " + of.help + '\n';
    for (const config::option& one : of.options.all())
        text += option_line(one);
    return text;
}

} // namespace aio::cli
