#pragma once

// Where coroutine frames find their thread's recycled memory. Asio is compiled once, into the
// library, and then every frame would ask there, out of line, when it is made and when it goes:
// a quarter of what an await costs. So this one function of Asio is inline wherever tasks are.

#include <boost/asio/detail/thread_context.hpp>
#include <boost/asio/detail/thread_info_base.hpp>

#if defined(BOOST_ASIO_SEPARATE_COMPILATION) && !defined(BOOST_ASIO_SOURCE)

namespace boost::asio::detail {

// Visible, so that the library goes on exporting it to those who do not see this file.
[[gnu::visibility("default")]] inline thread_info_base* thread_context::top_of_thread_call_stack() {
    return thread_call_stack::top();
}

} // namespace boost::asio::detail

#endif
