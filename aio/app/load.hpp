#pragma once

// From what the command line says to the merged configuration: which files are read, which modules
// add their defaults, what the environment sets. Runs no module code.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/load.hpp>
#include <aio/config/tree.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::app {

/// What to read. What else is read: logging.conf, AIO_… of the environment, the modules' defaults.
struct load_request {
    std::vector<std::string> files; ///< -c, in order; empty: the first found of the usual places
    std::vector<std::string> overrides; ///< -o SECTION:OPTION=VALUE, in order
    /// Beans as they are typed, in order, added after those of the files; each is one parse_words()
    /// takes.
    std::vector<std::string> beans;
    /// A configuration given as text instead of files (tests, embedding); its name for messages.
    std::optional<std::pair<std::string, std::string>> text;
    /// Overlay of ./logging.conf, AIO_… of the environment; off for tests and embedding.
    bool surroundings = true;
    /// Also warn about text that is rarely a mistake, and use certificates as a start does, for
    /// `aio config check`.
    bool every_warning = false;
    /// For a daemon, whose standard output and error go to [aio] log_file.
    bool daemon = false;

    load_request() = default;
};

/// A configuration and everything that was found wrong with it so far.
struct loaded {
    config::tree tree;
    config::tree standard; ///< the modules' defaults alone: what `aio config diff` compares with
    base::diagnostics problems;
    std::vector<std::string> files; ///< user files read, for messages
    std::vector<std::string> found; ///< of these, the ones found in the usual places
    bool missing_file = false;      ///< a file is missing or cannot be read: status 2 instead of 78

    loaded() = default;
};

AIO_API loaded load(const load_request& request);

} // namespace aio::app
