#pragma once

// The list of all kinds of sections. `aio config schema`, the plan and the checks use it.

#include <aio/service/kind.hpp>

#include <span>

namespace aio::app {

AIO_API std::span<const service::kind* const> kinds() noexcept;

} // namespace aio::app
