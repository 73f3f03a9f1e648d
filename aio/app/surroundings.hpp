#pragma once

// Checks what a plan needs from the machine, as far as that shows without a start: folders, files,
// and ports that two servers would use. Opens and binds nothing.

#include <aio/app/plan.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

namespace aio::app {

AIO_API void
check_surroundings(const plan& planned, const config::tree& tree, base::diagnostics& problems);

} // namespace aio::app
