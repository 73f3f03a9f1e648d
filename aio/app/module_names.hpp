#pragma once

// A list of modules as an option names it.

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

/// The modules that the list `option` names, each once. Names stand on lines of their own or side
/// by side: the name of a module has no blanks.
AIO_API module_names read_module_names(const config::options& section, std::string_view option);

} // namespace aio::app
