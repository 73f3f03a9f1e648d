#include <aio/async/aborted.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>

namespace aio::async {

bool is_aborted(const std::exception_ptr& why) noexcept {
    try {
        std::rethrow_exception(why);
    } catch (const boost::system::system_error& error) {
        return error.code() == boost::asio::error::operation_aborted;
    } catch (const boost::asio::multiple_exceptions& several) {
        return is_aborted(several.first_exception());
    } catch (...) {
        return false;
    }
}

} // namespace aio::async
