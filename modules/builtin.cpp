// The modules that are linked into the library. To add one: aio_add_module(… STATIC) in its folder,
// and a line in each of the two lists below.
#include "former.hpp"

#include <aio/module/builtin.hpp>

#include <vector>

// The object that AIO_MODULE(name) defines, and the text of the module's aio.conf.
#define AIO_BUILTIN(id, name)                                                                      \
    extern "C" const aio::module::entry id##_entry __asm__("aio_module." name);                    \
    extern "C" const char id##_defaults[] __asm__("aio_module_conf." name);

AIO_BUILTIN(aio_app, "aio.app")

namespace aio::module {

std::span<const builtin> builtins() noexcept {
    static const std::vector<builtin> all = [] {
        std::vector<builtin> made{
            {&aio_app_entry, aio_app_defaults},
        };
        for (const entry& former : former_modules())
            made.push_back({&former, {}});
        return made;
    }();
    return all;
}

} // namespace aio::module
