#pragma once

#include <aio/base/api.hpp>

#include <exception>

namespace aio::async {

/// Whether an error says that a coroutine was cancelled: operation_aborted, alone or as the first
/// of several errors. Null is no error.
AIO_API bool is_aborted(const std::exception_ptr& why) noexcept;
AIO_API bool is_aborted(const std::exception& why) noexcept;

} // namespace aio::async
