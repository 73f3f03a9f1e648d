#pragma once

// The text of an exception.

#include <aio/base/api.hpp>

#include <exception>
#include <string>
#include <vector>

namespace aio::base {

/// What a std::exception says, in words; of anything else that it is none. Behind it the chain of
/// causes, unless the text contains theirs already: "no database (caused by: no route to db)". Not
/// for nullptr.
AIO_API std::string message_of(const std::exception_ptr& error);

/// The text of an error and of each error nested in it, outermost first.
AIO_API std::vector<std::string> messages_of(const std::exception_ptr& error);

} // namespace aio::base
