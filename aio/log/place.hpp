#pragma once

// Where inside a value something stands: for carets under the wrong field of a format.

#include <aio/base/text.hpp>
#include <aio/config/tree.hpp>

#include <algorithm>
#include <string_view>

namespace aio::log {

/// The place of byte `offset` of the value's text; of the value's beginning when interpolation made
/// another text of it.
inline base::location
place_of(const config::section& in, const config::value& of, std::size_t offset) {
    if (of.text != of.raw || offset > of.text.size())
        return of.text_where;
    const std::string_view before = std::string_view(of.text).substr(0, offset);
    const std::size_t start = before.rfind('\n') + 1; // npos + 1 is 0
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    base::location where = line == 0 ? of.text_where : in.line_of(of, line);
    where.column += static_cast<std::uint32_t>(base::code_points(before.substr(start)));
    return where;
}

} // namespace aio::log
