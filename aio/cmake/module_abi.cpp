// Compiled into every module and every module's tests by aio_add_module: the version string in a
// section of its own, where the loader finds it without running any code.
#include <aio/module/abi_string.hpp>

extern "C" {
extern const char aio_module_abi[];
[[gnu::section(".aio_abi"), gnu::used, gnu::retain, gnu::visibility("default")]]
const char aio_module_abi[] = AIO_ABI;
}
