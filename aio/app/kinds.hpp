#pragma once

// Every kind of section there is: the list `aio config schema`, the plan and the checks walk.

#include <aio/service/kind.hpp>

#include <span>

namespace aio::app {

AIO_API std::span<const service::kind* const> kinds() noexcept;

} // namespace aio::app
