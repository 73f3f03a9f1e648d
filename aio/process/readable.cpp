#include <aio/base/utf8.hpp>
#include <aio/process/readable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace aio::process {

namespace {

bool harmless(char c) noexcept {
    return (c >= ' ' && c <= '~') || c == '\t';
}

/// How many bytes from there on are a character to show; 0: the byte is none.
std::size_t shown(std::string_view line, std::size_t at) noexcept {
    if (harmless(line[at]))
        return 1;
    const base::code_point one = base::decode(line, at);
    const bool control = one.value < 0xA0; // the harmless below it are gone
    return one.valid && !control ? one.bytes : 0;
}

} // namespace

std::string_view readable(std::string_view line, std::string& made) {
    std::size_t at = 0;
    while (at < line.size() && shown(line, at) != 0)
        at += shown(line, at);
    if (at == line.size())
        return line;
    made.assign(line.substr(0, at));
    while (at < line.size()) {
        const std::size_t size = shown(line, at);
        if (size == 0)
            fmt::format_to(
                std::back_inserter(made), "\\x{:02x}", static_cast<unsigned char>(line[at])
            );
        made.append(line.substr(at, size));
        at += std::max<std::size_t>(size, 1);
    }
    return made;
}

} // namespace aio::process
