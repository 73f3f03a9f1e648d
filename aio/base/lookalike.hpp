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

enum class inner_blanks { left_out, kept };

/// The name as it is read by eye: blanks, control characters and invisible ones (visible.hpp) are
/// left out, letters and marks that look like ASCII become the ASCII ones. Case stays. With `kept`,
/// the blanks between other characters stay.
AIO_API std::string seeming(std::string_view name, inner_blanks inner = inner_blanks::left_out);

/// `hint`, which names the `known` name that `name` was meant to be, and below it what of the name
/// is not seen: "delete the space in the name". Only `hint` when there is more that is different,
/// or when a diagnostic that shows the name adds that sentence itself: invisible_hint,
/// lookalike_hint.
AIO_API std::string with_seeming(std::string hint, std::string_view name, std::string_view known);

} // namespace aio::base
