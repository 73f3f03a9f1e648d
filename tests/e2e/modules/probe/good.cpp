#include <aio/module.hpp>

// Offers nothing; its tests pass.
AIO_MODULE(probe.good) {}
