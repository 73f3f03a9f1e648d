#pragma once

// A list of modules, as the value of an option.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>
#include <aio/config/options.hpp>

#include <string_view>
#include <vector>

namespace aio::app {

struct module_names {
    base::list names;
    std::vector<base::location> where; ///< of each name

    module_names() = default;
};

/// The modules named in the list `option`, without repetitions. Blanks and line ends separate them,
/// because the name of a module has no blanks.
AIO_API module_names read_module_names(const config::options& section, std::string_view option);

} // namespace aio::app
