#include <aio/base/text.hpp>
#include <aio/cli/module_show.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::cli {

namespace {

std::string option_line(const config::option& option) {
    const std::string type = option.value_type == config::type::choice
                                 ? base::join(option.allowed, "|")
                                 : std::string(config::name_of(option.value_type));
    std::string value = config::to_text(option.standard);
    std::ranges::replace(value, '\n', ' '); // the entries of a list
    std::string state;
    if (option.required)
        state = "required";
    else if (option.secret)
        state = "secret";
    else if (!value.empty())
        state = "default " + value;
    std::string line =
        fmt::format("    {:<16} {:<12} {:<18} {}", option.name, type, state, option.help);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

} // namespace

std::string described(const module::item& item) {
    std::string text = item.kind + ' ' + item.name + '\n';
    if (!item.help.empty())
        text += "    " + item.help + '\n';
    for (const config::option& option : item.options.all())
        text += option_line(option);
    return text;
}

} // namespace aio::cli
