#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/spelling.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::config {

namespace {

bool is_comment(std::string_view text) {
    return !text.empty() && (text.front() == '#' || text.front() == ';');
}

} // namespace

std::string refuse_value(std::string_view value) {
    if (base::find_invalid_utf8(value) != std::string_view::npos)
        return "the value is not UTF-8";
    if (value.find('\r') != std::string_view::npos)
        return "a value cannot hold a carriage return";
    const std::vector<std::string_view> lines = base::lines(value);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (base::strip(lines[i]) != lines[i])
            return fmt::format("line {} of the value begins or ends with a blank", i + 1);
        if (i > 0 && is_comment(lines[i]))
            return fmt::format("line {} of the value would read as a comment", i + 1);
    }
    if (lines.size() > 1 && lines.back().empty())
        return "a value of several lines cannot end with an empty one";
    return {};
}

std::string refuse_name(std::string_view name, std::string_view first_line) {
    if (name.empty())
        return "an option needs a name";
    if (base::find_invalid_utf8(name) != std::string_view::npos)
        return "the name is not UTF-8";
    if (base::strip(name) != name)
        return "the name of an option cannot begin or end with a blank";
    if (name.find_first_of("=:\r\n") != std::string_view::npos)
        return "the name of an option cannot hold '=', ':' or a line end";
    if (is_comment(name))
        return "the name would read as a comment";
    if (name.front() == '[' && (name.find(']', 2) != std::string_view::npos ||
                                first_line.find(']') != std::string_view::npos))
        return "name and value together would read as a section header";
    return {};
}

std::string refuse_section(std::string_view name) {
    if (name.empty())
        return "a section needs a name";
    if (base::find_invalid_utf8(name) != std::string_view::npos)
        return "the name is not UTF-8";
    if (name.find_first_of("\r\n") != std::string_view::npos)
        return "the name of a section cannot hold a line end";
    return {};
}

std::string refuse_dollars(std::string_view value) {
    for (std::size_t offset = value.find('$'); offset != std::string_view::npos;
         offset = value.find('$', offset)) {
        const char after = offset + 1 < value.size() ? value[offset + 1] : '\0';
        if (after == '$') {
            offset += 2;
            continue;
        }
        const std::size_t close = after == '{'   ? value.find('}', offset)
                                  : after == '<' ? value.find('>', offset)
                                                 : std::string_view::npos;
        if (close == std::string_view::npos || close < offset + 3)
            return "a '$' that begins no reference: write `$$` for a dollar sign";
        offset = close + 1;
    }
    return {};
}

} // namespace aio::config
