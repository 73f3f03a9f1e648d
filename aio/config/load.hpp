#pragma once

// From files, environment and command line to the merged tree.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aio::config {

/// `section:option=value` of the command line (-o), or one taken from the environment.
struct assignment {
    std::string section, option, text;
    base::location where;
};

/// Everything a configuration is made of, lowest layer first.
struct inputs {
    /// Module defaults, user files (each with its includes above it), in order.
    std::vector<std::shared_ptr<const base::source>> files;
    std::vector<assignment> environment;
    std::vector<assignment> command_line;
    /// Looked up by ${env:NAME}.
    std::function<std::optional<std::string>(std::string_view)> env;
    /// Declared secret: values of these taint what uses them.
    std::function<bool(std::string_view section, std::string_view option)> secret;
    /// False: `${file:…}`, `${env:…}`, defaults and the colon-section mapping stay Python's.
    bool extensions = true;
};

} // namespace aio::config
