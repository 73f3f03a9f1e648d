#pragma once

// The text of an exception.

#include <aio/base/api.hpp>

#include <exception>
#include <string>
#include <vector>

namespace aio::base {

/// The text of a std::exception; for anything else, a text that says what type was thrown. The
/// chain of causes follows unless the text contains it already: "no database (caused by: no route
/// to db)". Precondition: not nullptr.
AIO_API std::string message_of(const std::exception_ptr& error);

/// The text of an error and of each error nested in it, outermost first.
AIO_API std::vector<std::string> messages_of(const std::exception_ptr& error);

} // namespace aio::base
