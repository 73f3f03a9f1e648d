#pragma once

// [server/NAME] for the plan.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::server {

AIO_API const service::kind& kind();

} // namespace aio::server
