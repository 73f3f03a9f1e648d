#pragma once

// The kind [client/*] as the plan sees it.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::client {

AIO_API const service::kind& kind();

} // namespace aio::client
