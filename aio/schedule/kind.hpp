#pragma once

// The kind [schedule/*] as the plan sees it.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::schedule {

AIO_API const service::kind& kind();

} // namespace aio::schedule
