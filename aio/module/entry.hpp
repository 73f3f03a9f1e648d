#pragma once

// The one object a module exports, and the macro that defines it. The same for a module linked
// into the program and one loaded from a file: an ELF symbol `aio_module.<dotted name>`.

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

/// Dotted: words of letters, digits and underscores, none empty, none starting with a digit.
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
/// One per module. The name has to be that of the folder the file lies in: my/example/example.so.
#define AIO_MODULE(name)                                                                           \
    static_assert(::aio::module::dotted(#name), "AIO_MODULE: not a dotted name: " #name);          \
    static void aio_module_setup(::aio::module_builder& module);                                   \
    extern "C" AIO_API const ::aio::module::entry aio_module_entry __asm__("aio_module." #name);   \
    extern "C" constexpr ::aio::module::entry aio_module_entry{                                    \
        sizeof(::aio::module::entry), #name, aio_module_setup                                      \
    };                                                                                             \
    static void aio_module_setup([[maybe_unused]] ::aio::module_builder& module)
