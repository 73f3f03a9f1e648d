#pragma once

// The kind [process/*] as the plan sees it.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::process {

AIO_API const service::kind& kind();

} // namespace aio::process
