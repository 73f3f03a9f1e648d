// The one place where Asio is compiled.
//
// One function of it is ours: Asio calls do_throw_error() when a coroutine that was cancelled wants
// to wait, and goes on when that returns. Its own one throws each time, at once. A coroutine that
// catches every error and tries again would then never let its loop turn (runner::refuses_wait).

#include <aio/async/refused_wait.hpp>

#define BOOST_ASIO_DETAIL_IMPL_THROW_ERROR_IPP

#include <boost/asio/detail/throw_exception.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/system/system_error.hpp>

#include <string_view>

namespace boost::asio::detail {

void do_throw_error(const boost::system::error_code& err BOOST_ASIO_SOURCE_LOCATION_PARAM) {
    const boost::system::system_error thrown(err);
    throw_exception(thrown BOOST_ASIO_SOURCE_LOCATION_ARG);
}

void do_throw_error(
    const boost::system::error_code& err, const char* location BOOST_ASIO_SOURCE_LOCATION_PARAM
) {
    const bool wait = err == error::operation_aborted && location == std::string_view("co_await");
    if (wait && !aio::async::refuses_wait())
        return;
    const boost::system::system_error thrown(err, location);
    throw_exception(thrown BOOST_ASIO_SOURCE_LOCATION_ARG);
}

} // namespace boost::asio::detail
