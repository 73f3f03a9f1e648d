#pragma once

// Output of a child as it may stand in a log: it cannot command terminals, forge lines or break
// formats.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::process {

/// The line, with control characters (except the tab) and bytes that are not UTF-8 written as \x1b.
/// When there are any, the text is stored in `made`, otherwise the result is `line` itself.
AIO_API std::string_view readable(std::string_view line, std::string& made);

} // namespace aio::process
