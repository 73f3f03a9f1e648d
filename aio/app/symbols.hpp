#pragma once

// Finds the shared object and the function of an address as dladdr() does, but without the lock of
// the dynamic linker: a thread may hold that lock for ever, inside the constructor of a library
// that it loads.

#include <aio/base/api.hpp>

#include <cstdint>
#include <string>

namespace aio::app {

struct symbol {
    std::string file;           ///< empty: no shared object has the address
    std::uintptr_t offset = 0;  ///< from the beginning of the shared object in memory
    const char* name = nullptr; ///< mangled; nullptr: the object does not export the function

    symbol() = default;
};

/// The object has to stay loaded meanwhile. From any thread.
AIO_API symbol find_symbol(const void* address);

} // namespace aio::app
