#pragma once

#include <aio/base/api.hpp>

#include <exception>

namespace aio::async {

/// What a coroutine ends with that was cancelled: operation_aborted, alone or as the first of
/// several.
AIO_API bool is_aborted(const std::exception_ptr& why) noexcept;

} // namespace aio::async
