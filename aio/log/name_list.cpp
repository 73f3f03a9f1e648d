#include <aio/base/text.hpp>
#include <aio/log/name_list.hpp>

#include <algorithm>
#include <string_view>

namespace aio::log {

std::vector<placed_name> read_names(const config::section& section, const config::value& value) {
    std::vector<placed_name> all;
    const std::string_view text = value.text;
    for (std::size_t index = 0; index < text.size();) {
        const std::size_t end = std::min(text.find_first_of(",\n", index), text.size());
        const std::string_view name = base::strip(text.substr(index, end - index));
        const auto offset = static_cast<std::size_t>(name.data() - text.data());
        if (!name.empty())
            all.push_back({std::string{name}, section.place_of(value, offset)});
        index = end + 1;
    }
    return all;
}

} // namespace aio::log
