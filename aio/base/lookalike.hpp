#pragma once

// Letters of other scripts that look like Latin ones: a name that holds one is not the name it
// seems to be.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::base {

/// The first letter of another script in a name that has Latin letters, too, and in which all other
/// letters look like Latin ones: "\u0430 is not the letter 'a', although it looks like it: write
/// 'a'". Empty when there is none.
AIO_API std::string lookalike_hint(std::string_view text);

} // namespace aio::base
