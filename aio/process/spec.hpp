#pragma once

// The options of a section [process/NAME] as values; mistakes are diagnostics.

#include <aio/base/api.hpp>
#include <aio/base/identity.hpp>
#include <aio/base/units.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/process/child.hpp>
#include <aio/service/kind.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aio::process {

struct spec {
    service::common_spec common;
    std::vector<std::string> arguments; ///< the first is the program; for a shell: sh -c command
    std::string shown;                  ///< the program, for logs; hidden when it is a secret
    base::list environment;             ///< NAME=VALUE
    bool inherits = true;               ///< also the environment of aio
    std::optional<base::identity> as;   ///< nothing: the user and group of aio
    std::vector<gid_t> groups;          ///< of `as`; a lookup may block, so loops make none
    std::string directory;              ///< empty: aio's own
    int stop_signal = 0;
    reach signalled = reach::group;
    std::size_t count = 1;

    spec() = default;
};

/// The options of this kind of section, without the common ones.
AIO_API const config::schema& options();

/// Relative paths start in the folder where aio will run. Problems go to `plan`.
AIO_API spec read_spec(const config::section& section, const service::planning& plan);

/// The environment of process `index` of the section.
AIO_API std::vector<std::string> environment_of(const spec& section, std::size_t index);

} // namespace aio::process
