#pragma once

// The section [aio]: the options of the whole process.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>

#include <optional>
#include <string>
#include <vector>

namespace aio::app {

struct settings {
    base::list builtin;                        ///< modules whose defaults come first
    base::list modules;                        ///< modules loaded at start, defaults in this order
    std::vector<base::location> modules_where; ///< of each
    base::list module_path; ///< folders searched for modules; the installation's own comes last
    bool strict = false;    ///< a function's undeclared options are errors

    std::size_t loops = 1;                          ///< `auto`: one per core
    std::size_t worker_threads = 4;                 ///< for blocking calls
    std::size_t resolver_threads = 4;               ///< for lookups of names
    base::duration resolver_timeout{};              ///< of those who wait for a name
    base::duration resolver_cache{};                ///< how long an answer is used
    std::size_t reserve_files = 64;                 ///< connections leave them free
    std::optional<base::duration> stop_timeout;     ///< nothing: no limit
    std::optional<base::duration> blocking_timeout; ///< nothing: not watched

    std::string log_file; ///< also where a daemon's output goes
    std::string pid_file;
    std::string user, group;
    std::optional<unsigned> umask;
    std::string working_directory;

    settings() = default;
};

AIO_API const config::schema& settings_schema();

/// Reads and checks [aio]. Mistakes go to `problems`; the default replaces a wrong value.
AIO_API settings read_settings(const config::tree& from, base::diagnostics& problems);

} // namespace aio::app
