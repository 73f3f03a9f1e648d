#pragma once

// Converts a text to a typed value by the rules of a declared option.

#include <aio/base/api.hpp>
#include <aio/config/schema.hpp>

#include <string>
#include <string_view>

namespace aio::config {

/// The value, or what is wrong with the text: "'abc' is not a whole number" is `shown` + " " +
/// `wrong`.
struct converted {
    typed value;
    std::string shown;
    std::string wrong;
    std::string hint;
};

/// Whether the text has the form of a number of this type, which cannot hold its value: a whole
/// number beyond 64 bits, a duration beyond 292 years.
AIO_API bool exceeds(type kind, std::string_view text);

AIO_API converted convert(const option& declared, std::string_view text);

} // namespace aio::config
