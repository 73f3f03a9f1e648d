#pragma once

// What a section [process/NAME] asks for: its options as values, every mistake a diagnostic.

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
    std::vector<std::string> arguments; ///< the first is the program; with a shell: sh -c command
    std::string shown;                  ///< the program, for logs; hidden when it is a secret
    base::list environment;             ///< NAME=VALUE
    bool inherits = true;               ///< the environment of aio, too
    std::optional<base::identity> as;   ///< nothing: whoever aio is
    std::string directory;              ///< empty: aio's own
    int stop_signal = 0;
    reach stop_whom = reach::group;
    std::size_t count = 1;

    spec() = default;
};

/// The options of the kind, without the common ones.
AIO_API const config::schema& options();

/// Relative paths are looked for where aio will run. Problems go to `with`.
AIO_API spec read_spec(const config::section& from, const service::planning& with);

/// Of its process number `index`.
AIO_API std::vector<std::string> environment_of(const spec& of, std::size_t index);

} // namespace aio::process
