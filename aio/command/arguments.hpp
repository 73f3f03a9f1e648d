#pragma once

// From the words of a command line to typed values of declared options.

#include <aio/base/api.hpp>
#include <aio/command/event.hpp>
#include <aio/config/schema.hpp>

#include <map>
#include <string>
#include <vector>

namespace aio::command {

/// Every declared option with its value: as given, or its default. A list takes what was given
/// several times. `mistakes` gets a line for each bad value and each required one that is missing.
AIO_API values read_values(
    const config::schema& declared,
    const std::map<std::string, std::vector<std::string>>& given,
    std::vector<std::string>& mistakes
);

} // namespace aio::command
