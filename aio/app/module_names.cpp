#include <aio/app/module_names.hpp>
#include <aio/base/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace aio::app {

namespace {

constexpr std::string_view blanks = " \t";

/// The place of a name inside an entry that begins at `entry`; that of the entry where the text of
/// the file is another, such as a reference.
base::location place_of(std::string_view name, std::size_t offset, const base::location& entry) {
    if (!entry.from || entry.column == 0)
        return entry;
    const std::string_view line = base::line_at(entry.from->text, entry.line);
    std::size_t begin = 0;
    for (std::uint32_t column = 1; column < entry.column && begin < line.size(); ++column)
        do
            ++begin;
        while (begin < line.size() && (static_cast<unsigned char>(line[begin]) & 0xc0) == 0x80);
    const std::string_view rest = line.substr(begin);
    if (rest.size() < offset || !rest.substr(offset).starts_with(name))
        return entry;
    base::location found = entry;
    found.column += static_cast<std::uint32_t>(base::code_points(rest.substr(0, offset)));
    return found;
}

} // namespace

module_names read_module_names(const config::options& section, std::string_view option) {
    module_names out;
    const auto entries = section.get<base::list>(option);
    const auto places = section.entries_where(option);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::string_view entry = entries[i];
        const base::location place = i < places.size() ? places[i] : section.where(option);
        for (std::size_t begin = entry.find_first_not_of(blanks); begin != entry.npos;) {
            const std::size_t end = std::min(entry.find_first_of(blanks, begin), entry.size());
            const std::string_view name = entry.substr(begin, end - begin);
            if (std::ranges::find(out.names, name) == out.names.end()) {
                out.names.emplace_back(name);
                out.where.push_back(place_of(name, begin, place));
            }
            begin = entry.find_first_not_of(blanks, end);
        }
    }
    return out;
}

} // namespace aio::app
