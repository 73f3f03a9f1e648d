#pragma once

// What a failed interpolation is called, where it stands, and what was probably meant.

#include <aio/base/diagnostic.hpp>
#include <aio/config/interpolate.hpp>
#include <aio/config/layers.hpp>

#include <string>

namespace aio::config {

/// "a:x -> b:y -> a:x"
AIO_API std::string chain_text(const layers& over, const failure& of);

/// Where the failing '$' stands.
AIO_API base::location where_is(const layers& over, const failure& of, bool secret);

AIO_API base::diagnostic explain(const layers& over, const failure& of, bool secret);

} // namespace aio::config
