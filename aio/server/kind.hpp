#pragma once

// The kind [server/*] as the plan sees it.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::server {

AIO_API const service::kind& kind();

} // namespace aio::server
