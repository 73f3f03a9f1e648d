#pragma once

// Names as the compiler writes them, in words.

#include <aio/base/api.hpp>

#include <string>

namespace aio::base {

/// "foo()" for "_Z3foov"; what is no such name as it is. For types, too: std::type_info::name().
AIO_API std::string demangle(const char* name);

} // namespace aio::base
