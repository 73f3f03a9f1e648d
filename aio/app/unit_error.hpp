#pragma once

// The error of a unit that could not be made, with the name of the unit. Pure.

#include <aio/base/api.hpp>

#include <string>
#include <string_view>

namespace aio::app {

/// The text, with the name of the unit in front unless the text has it already. A longer name or a
/// path that holds the name, such as "service/ab" or "/srv/service/a" for "service/a", is not the
/// name.
AIO_API std::string error_of_unit(std::string_view unit, std::string_view text);

} // namespace aio::app
