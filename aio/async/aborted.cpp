#include <aio/async/aborted.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>

namespace aio::async {

bool is_aborted(const std::exception_ptr& why) noexcept {
    if (!why)
        return false;
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& error) {
        return is_aborted(error);
    } catch (...) {
        return false;
    }
}

bool is_aborted(const std::exception& why) noexcept {
    if (const auto* error = dynamic_cast<const boost::system::system_error*>(&why))
        return error->code() == boost::asio::error::operation_aborted;
    const auto* several = dynamic_cast<const boost::asio::multiple_exceptions*>(&why);
    return several && is_aborted(several->first_exception());
}

} // namespace aio::async
