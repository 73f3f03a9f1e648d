#pragma once

// Turns a failed interpolation into a message: what is wrong, where, and what was probably meant.

#include <aio/base/diagnostic.hpp>
#include <aio/base/hint_cache.hpp>
#include <aio/config/interpolate.hpp>
#include <aio/config/layers.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aio::config {

/// "a:x -> b:y -> a:x"
AIO_API std::string chain_text(const layers& over, const failure& mistake);

/// The place of the failing '$'.
AIO_API base::location where_is(const layers& over, const failure& mistake, bool secret);

/// The section that a reference names and that is not there; nothing for every other mistake.
AIO_API std::optional<std::string_view> missing_section(const layers& over, const failure& mistake);

/// `hints` serves all explanations of the same layers.
AIO_API base::diagnostic
explain(const layers& over, const failure& mistake, bool secret, base::hint_cache& hints);

} // namespace aio::config
