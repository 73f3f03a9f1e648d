#pragma once

// The coroutine type of aio. It is Asio's own, so that a coroutine can await anything of Asio's.

#include <aio/async/frame_memory.hpp>

#include <boost/asio/awaitable.hpp>

namespace aio {

template <typename T = void>
using task = boost::asio::awaitable<T>;

}
