#include <aio/module.hpp>

// What everybody gets is in aio.conf; nothing is registered.
AIO_MODULE(aio.app) {
    module.describe("aio itself: the defaults of every configuration, and the built-in commands.");
}
