#pragma once

// The kind [service/*], for the plan: a user's service by the name of its class.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::service {

AIO_API const kind& service_kind();

} // namespace aio::service
