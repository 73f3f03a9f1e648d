#pragma once

// What was thrown, in words.

#include <aio/base/api.hpp>

#include <exception>
#include <string>
#include <vector>

namespace aio::base {

/// what() of a std::exception; that it is none, of anything else. Behind it the chain of causes,
/// as far as its text is not told already: "no database (caused by: no route to db)". Never of
/// nullptr.
AIO_API std::string message_of(const std::exception_ptr& error);

/// The own text of an error and of each that is nested in it, outermost first.
AIO_API std::vector<std::string> messages_of(const std::exception_ptr& error);

} // namespace aio::base
