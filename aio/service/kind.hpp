#pragma once

// A kind of section that becomes services: [schedule/*], [server/*], … One folder of floor 5 each;
// app/kinds.cpp lists them. To add a kind: a folder with spec, decision and runner, a function
// `const service::kind& kind()`, and one line in app/kinds.cpp.

#include <aio/base/diagnostic.hpp>
#include <aio/base/identity.hpp>
#include <aio/config/options.hpp>
#include <aio/config/schema.hpp>
#include <aio/config/tree.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/runtime.hpp>
#include <aio/service/unit.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace aio::service {

/// What the reader of a spec can use while the plan is made.
struct planning {
    /// The item of a kind ("schedule") that a dotted name means; loads its module if necessary.
    /// nullptr when there is none, which is reported at `where`.
    std::function<
        const module::item*(std::string_view kind, const std::string& dotted, base::location where)>
        resolve;
    /// The same without a report, for what may be a name or something else; nullptr when there is
    /// none.
    std::function<const module::item*(std::string_view kind, const std::string& dotted)> look;
    config::unknown undeclared = config::unknown::near_error; ///< `[aio] strict`: error
    std::string directory;                     ///< `[aio] working_directory`; empty: where aio is
    base::identity who = base::own_identity(); ///< the user that aio runs as when its units start
    base::diagnostics* problems = nullptr;

    planning() = default;
};

/// A checked section: everything but the start. Made without a loop, so that
/// `aio config check` can make it.
struct planned {
    common_spec common;
    /// What `aio graph` and the logs show beside the name: "my.example.tick".
    std::string what;
    bool ends_by_itself =
        false; ///< a bean: when there are only such and all have ended, so has the app
    /// make() runs code of a module, such as the constructor of a service. Then the unit is made
    /// once the process has become the user of `[aio] user`, and has nothing to prepare before.
    bool made_by_module = false;
    /// How many descriptors the unit needs at any time to start again what has ended, whether it
    /// holds them or not. Connections leave them free.
    std::size_t descriptors = 0;
    std::function<std::unique_ptr<unit>(runtime&, async::loop&)> make;
};

struct kind {
    std::string_view name; ///< "schedule": the section is [schedule/NAME]
    std::string_view help;
    /// Its own options, for `aio config schema`; the common ones are added to them.
    const config::schema& (*options)();
    /// Nothing when the section has errors, which are reported, or is not enabled.
    std::optional<planned> (*plan)(const config::section& from, planning& planning);
};

} // namespace aio::service
