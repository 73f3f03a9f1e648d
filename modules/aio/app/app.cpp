#include <aio/module/entry.hpp>

// What everybody gets is in aio.conf; nothing is registered.
AIO_MODULE(aio.app) {}
