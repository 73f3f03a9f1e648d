#pragma once

// The stack of another thread of this process, for the report about a blocked loop.

#include <aio/base/api.hpp>

#include <pthread.h>

#include <string>

namespace aio::app {

/// Interrupts the thread with a real-time signal whose handler records return addresses, and
/// renders them one a line, innermost first, demangled. Empty when the thread did not answer
/// within 100 ms. May be called from one thread only.
AIO_API std::string stack_of(pthread_t thread);

} // namespace aio::app
