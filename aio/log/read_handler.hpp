#pragma once

// [handler_*] → spec. Private to log/.

#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/spec.hpp>

#include <string_view>

namespace aio::log {

inline constexpr std::string_view handler_prefix = "handler_";

/// A handler of a built-in class, or of one that `find` finds; mistakes go to `problems`.
handler_spec
read_handler(const config::section& from, const find_offered& find, base::diagnostics& problems);

} // namespace aio::log
