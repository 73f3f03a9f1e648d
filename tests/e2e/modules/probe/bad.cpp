#include <aio/module.hpp>

// Offers nothing; one of its tests fails, as it should.
AIO_MODULE(probe.bad) {}
