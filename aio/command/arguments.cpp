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
    for (const config::option& one : declared.all()) {
        read[one.name] = one.required ? config::typed{} : one.standard;
        const auto found = given.find(one.name);
        if (found == given.end() || found->second.empty()) {
            if (one.required)
                mistakes.push_back("option '--" + one.name + "' is required");
            continue;
        }
        const bool many = one.of == config::type::list;
        config::converted got =
            config::convert(one, many ? base::join(found->second, "\n") : found->second.back());
        if (got.wrong.empty())
            read[one.name] = std::move(got.value);
        else
            mistakes.push_back("option '--" + one.name + "': " + got.shown + ' ' + got.wrong);
    }
    return read;
}

} // namespace aio::command
