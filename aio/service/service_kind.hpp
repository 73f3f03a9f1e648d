#pragma once

// The kind [service/*] as the plan sees it: a service of the user's by the name of its class.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::service {

AIO_API const kind& service_kind();

} // namespace aio::service
