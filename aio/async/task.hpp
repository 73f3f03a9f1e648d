#pragma once

// The coroutine type of aio: Asio's own, so that anything of Asio's can be awaited.

#include <aio/async/frame_memory.hpp>

#include <boost/asio/awaitable.hpp>

namespace aio {

template <typename T = void>
using task = boost::asio::awaitable<T>;

}
