#pragma once

// Names as the compiler writes them, in words.

#include <aio/base/api.hpp>

#include <string>

namespace aio::base {

/// "foo()" for "_Z3foov". Text that is no such name is returned unchanged. Works for the names of
/// types as well: std::type_info::name().
AIO_API std::string demangle(const char* name);

} // namespace aio::base
