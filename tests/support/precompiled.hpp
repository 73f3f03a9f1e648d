// Parsed once for all test programs; never a reason to leave out an include.
#include <aio/cmake/precompiled.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/test/unit_test.hpp>
