#pragma once

// What a child wrote as it may stand in a log: a stranger's bytes do not command terminals, forge
// lines or break the formats of others.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::process {

/// Control characters but the tab, and bytes that are not UTF-8, as \x1b. Usually that is the line
/// itself; else what was made of it is in `made`.
AIO_API std::string_view readable(std::string_view line, std::string& made);

} // namespace aio::process
