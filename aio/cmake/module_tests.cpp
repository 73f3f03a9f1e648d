// Compiled into every module's tests by aio_add_module.
#include <aio/testing/main.hpp>
