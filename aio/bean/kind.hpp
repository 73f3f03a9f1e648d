#pragma once

// The kind [bean/*] as the plan sees it.

#include <aio/base/api.hpp>
#include <aio/service/kind.hpp>

namespace aio::bean {

AIO_API const service::kind& kind();

} // namespace aio::bean
