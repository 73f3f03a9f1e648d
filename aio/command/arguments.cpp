#include <aio/base/text.hpp>
#include <aio/command/arguments.hpp>
#include <aio/config/convert.hpp>

namespace aio::command {

values read_values(
    const config::schema& declared,
    const std::map<std::string, std::vector<std::string>>& given,
    std::vector<std::string>& mistakes
) {
    values read;
    for (const config::option& option : declared.all()) {
        read[option.name] = option.required ? config::typed{} : option.standard;
        const auto found = given.find(option.name);
        if (found == given.end() || found->second.empty()) {
            if (option.required)
                mistakes.push_back("option '--" + option.name + "' is required");
            continue;
        }
        const bool many = option.value_type == config::type::list;
        config::converted got =
            config::convert(option, many ? base::join(found->second, "\n") : found->second.back());
        if (got.wrong.empty())
            read[option.name] = std::move(got.value);
        else
            mistakes.push_back("option '--" + option.name + "': " + got.shown + ' ' + got.wrong);
    }
    return read;
}

} // namespace aio::command
