#include <aio/base/text.hpp>
#include <aio/log/name_list.hpp>

#include <algorithm>
#include <string_view>

namespace aio::log {

std::vector<placed_name> read_names(const config::section& in, const config::value& of) {
    std::vector<placed_name> all;
    const std::string_view text = of.text;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of(",\n", at), text.size());
        const std::string_view name = base::strip(text.substr(at, end - at));
        const auto offset = static_cast<std::size_t>(name.data() - text.data());
        if (!name.empty())
            all.push_back({std::string{name}, in.place_of(of, offset)});
        at = end + 1;
    }
    return all;
}

} // namespace aio::log
