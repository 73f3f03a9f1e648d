#pragma once

// From the merged configuration to the list of what will run, in start order. Loads the modules
// that are named; starts nothing. `aio config check` stops here.

#include <aio/app/privileges.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>
#include <aio/listen/spec.hpp>
#include <aio/log/spec.hpp>
#include <aio/module/loader.hpp>
#include <aio/module/registry.hpp>
#include <aio/service/kind.hpp>
#include <aio/service/supervision.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace aio::app {

struct AIO_API plan {
    settings process;
    log::spec logging;
    std::vector<service::planned> services; ///< dependencies first
    std::vector<service::supervisor_spec> supervisors;
    std::vector<listen::spec> listeners;
    std::shared_ptr<const module::registry> modules;
    std::optional<identity> identity; ///< of [aio] user and group

    plan() = default;
    /// No schedule, server, service, bean, module or listener.
    bool empty() const noexcept;
};

/// Every mistake of every section goes to `problems`; the plan is for running only when none did.
AIO_API plan make_plan(const config::tree& from, base::diagnostics& problems);

} // namespace aio::app
