#include <aio/base/source_lines.hpp>
#include <aio/base/utf8.hpp>

#include <algorithm>

namespace aio::base {
namespace {

// Calls `use` with each line until it says that this was enough.
template <typename Use>
void each_line(std::string_view text, Use use) {
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    for (;;) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        if (!use(text.substr(0, end)) || end == text.size())
            return;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
}

} // namespace

std::string_view line_at(std::string_view text, std::uint32_t number) noexcept {
    std::string_view found;
    std::uint32_t passed = 0;
    each_line(text, [&](std::string_view line) {
        if (++passed == number)
            found = line;
        return passed < number;
    });
    return found;
}

std::string_view
source_lines::line(const std::shared_ptr<const source>& from, std::uint32_t number) {
    const auto [found, fresh] = sources_.try_emplace(from.get());
    std::vector<std::string_view>& lines = found->second.lines;
    if (fresh) {
        found->second.from = from;
        each_line(from->text, [&](std::string_view line) {
            lines.push_back(line);
            return true;
        });
    }
    return number == 0 || number > lines.size() ? std::string_view{} : lines[number - 1];
}

} // namespace aio::base
