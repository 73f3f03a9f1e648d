#pragma once

// Lists of handlers: names separated by commas or line ends.

#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

#include <string>
#include <vector>

namespace aio::log {

struct placed_name {
    std::string name;
    base::location where;
};

std::vector<placed_name> read_names(const config::section& section, const config::value& value);

} // namespace aio::log
