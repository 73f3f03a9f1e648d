#pragma once

// A mistake in the program, as opposed to a failure of the world around it.

#include <aio/base/api.hpp>

#include <exception>
#include <stdexcept>

namespace aio::base {

/// Thrown when code asks for something that this program can never give, such as an option that
/// was not declared. Every repetition fails the same way. Whatever runs user code therefore reports
/// a mistake once and lets the unit crash, also where other errors are logged and passed over.
struct AIO_API mistake : std::logic_error {
    using std::logic_error::logic_error;
};

/// True when `error`, or an error nested in it, is a mistake. False for nullptr.
AIO_API bool is_mistake(const std::exception_ptr& error) noexcept;

} // namespace aio::base
