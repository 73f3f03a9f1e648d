#pragma once

// Turns names mangled by the compiler back into C++.

#include <aio/base/api.hpp>

#include <string>

namespace aio::base {

/// "foo()" for "_Z3foov". Any other text is returned unchanged. Works for the names of types as
/// well: std::type_info::name().
AIO_API std::string demangle(const char* name);

} // namespace aio::base
