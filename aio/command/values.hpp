#pragma once

// From the words of a command line to typed values of declared options.

#include <aio/base/api.hpp>
#include <aio/command/event.hpp>
#include <aio/config/schema.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::command {

/// One value in its option's type; nothing when the text is none or is out of range, and then
/// `wrong` says what is expected: "'x' is not a whole number".
AIO_API std::optional<config::typed>
parse_value(const config::option& of, std::string_view text, std::string& wrong);

/// Every declared option with its value: as given, or its default. A list takes what was given
/// several times. `mistakes` gets a line for each bad value and each required one that is missing.
AIO_API values read_values(
    const config::schema& declared,
    const std::map<std::string, std::vector<std::string>>& given,
    std::vector<std::string>& mistakes
);

} // namespace aio::command
