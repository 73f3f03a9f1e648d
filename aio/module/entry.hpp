#pragma once

// The one object that a module exports, and the macro that defines it. It is the ELF symbol
// `aio_module.<dotted name>`, in a module that is linked in and in one that is loaded from a file.

#include <aio/base/api.hpp>

#include <cstddef>
#include <string_view>

namespace aio {
class module_builder; // aio/module.hpp
}

namespace aio::module {

struct entry {
    std::size_t size; ///< sizeof(entry) of the module's build
    const char* name; ///< dotted
    void (*setup)(aio::module_builder&);
};

/// Whether a name consists of words between dots: letters, digits and underscores, none empty and
/// none starting with a digit.
consteval bool dotted(std::string_view name) {
    bool at_start = true;
    for (char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        const bool digit = c >= '0' && c <= '9';
        if (c == '.' ? at_start : !(letter || (digit && !at_start)))
            return false;
        at_start = c == '.';
    }
    return !at_start;
}

} // namespace aio::module

/// Defines a module; the body registers what it offers:
///
///     AIO_MODULE(my.example) {
///         module.schedule("tick", tick);
///     }
///
/// A module has one. Its name is that of the folder of the library: my/example/example.so.
#define AIO_MODULE(name)                                                                           \
    static_assert(::aio::module::dotted(#name), "AIO_MODULE: not a dotted name: " #name);          \
    static void aio_module_setup(::aio::module_builder& module);                                   \
    extern "C" AIO_API const ::aio::module::entry aio_module_entry __asm__("aio_module." #name);   \
    extern "C" constexpr ::aio::module::entry aio_module_entry{                                    \
        sizeof(::aio::module::entry), #name, aio_module_setup                                      \
    };                                                                                             \
    static void aio_module_setup([[maybe_unused]] ::aio::module_builder& module)
