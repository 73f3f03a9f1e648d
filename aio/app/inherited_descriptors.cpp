#include <aio/app/app.hpp>
#include <aio/app/inherited_descriptors.hpp>
#include <aio/base/way.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <variant>

namespace aio::app {
namespace {

void add_named(const config::section& section, std::set<int>& kept) {
    for (const config::value& value : section.values())
        kept.merge(descriptors_named_in(value.text));
}

void add_linked(const std::string& path, const std::string& directory, std::set<int>& kept) {
    if (path.empty())
        return;
    if (const std::optional<int> number = base::follow(path, directory).own_descriptor)
        kept.insert(*number);
}

std::set<int> named_by(const configuration& loaded) {
    std::set<int> kept;
    add_named(loaded.source.tree.defaults(), kept);
    for (const config::section& section : loaded.source.tree.sections())
        add_named(section, kept);
    const settings& process = loaded.plan.process;
    add_linked(process.log_file, process.working_directory, kept);
    for (const log::handler_spec& handler : loaded.plan.logging.handlers)
        std::visit(
            [&](const auto& arguments) {
                if constexpr (requires { arguments.path; })
                    add_linked(arguments.path, process.working_directory, kept);
            },
            handler.args
        );
    return kept;
}

} // namespace

std::set<int> descriptors_named_in(std::string_view text) {
    constexpr std::string_view folder = "/fd/";
    std::set<int> found;
    for (std::size_t begin = text.find(folder); begin != text.npos;
         begin = text.find(folder, begin)) {
        begin += folder.size();
        int number = 0;
        if (std::from_chars(text.data() + begin, text.data() + text.size(), number).ec ==
                std::errc{} &&
            number >= 0)
            found.insert(number);
    }
    return found;
}

std::vector<int> not_named(const std::vector<int>& inherited, const configuration& loaded) {
    if (inherited.empty())
        return {};
    const std::set<int> kept = named_by(loaded);
    std::vector<int> left;
    std::ranges::copy_if(inherited, std::back_inserter(left), [&](int number) {
        return !kept.contains(number);
    });
    return left;
}

} // namespace aio::app
