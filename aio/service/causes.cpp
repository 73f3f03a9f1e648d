// The error with which a supervisor gives up, and how to tell it from others.

#include <aio/service/tree_state.hpp>

#include <stdexcept>

namespace aio::service {

std::exception_ptr wrapped(const std::string& text, const std::exception_ptr& inside) {
    try {
        try {
            std::rethrow_exception(inside);
        } catch (...) {
            std::throw_with_nested(std::runtime_error(text));
        }
    } catch (...) {
        return std::current_exception();
    }
}

bool is_used_up(const std::exception_ptr& why) {
    try {
        if (why)
            std::rethrow_exception(why);
    } catch (const restarts_used_up&) {
        return true;
    } catch (...) { // any other crash
    }
    return false;
}

} // namespace aio::service
