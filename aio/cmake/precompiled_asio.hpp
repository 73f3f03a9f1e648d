// The same for those that use Asio anyway.
#include "precompiled.hpp"

#include <boost/asio/awaitable.hpp>
