#pragma once

// What a plan needs of the machine and can be seen without starting it: folders, files, and ports
// that two servers would want. Opens and binds nothing.

#include <aio/app/plan.hpp>
#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/config/tree.hpp>

namespace aio::app {

AIO_API void check_surroundings(const plan& of, const config::tree& from, base::diagnostics& to);

} // namespace aio::app
