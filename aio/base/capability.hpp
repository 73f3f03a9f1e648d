#pragma once

// The rights that Linux gives to a process one by one, see capabilities(7).

#include <aio/base/api.hpp>

namespace aio::base {

/// Whether the calling thread may use the capability, for example CAP_KILL of linux/capability.h.
AIO_API bool has_capability(unsigned number) noexcept;

} // namespace aio::base
