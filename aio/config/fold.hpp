#pragma once

// Folds option names, which are compared without case: Unicode lower-casing, with a fast path for
// ASCII.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::config {

/// The lower-case form of an option name: what Python's str.lower gives.
AIO_API std::string fold(std::string_view name);

/// The same without a copy when the name is in lower case already; otherwise the result is in
/// `room`.
AIO_API std::string_view fold(std::string_view name, std::string& room);

} // namespace aio::config
