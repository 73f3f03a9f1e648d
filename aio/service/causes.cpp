// What a crash was when a supervisor gave up because of it.

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

} // namespace aio::service
