// What was thrown, what that came from, and what it means.

#include <aio/base/exception.hpp>
#include <aio/service/tree_state.hpp>

#include <utility>

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

std::vector<std::string> causes_of(const std::exception_ptr& why) {
    std::vector<std::string> all;
    std::exception_ptr at = why;
    while (at) {
        all.push_back(base::message_of(at));
        std::exception_ptr next;
        try {
            std::rethrow_exception(at);
        } catch (const std::exception& e) {
            if (const auto* nested = dynamic_cast<const std::nested_exception*>(&e))
                next = nested->nested_ptr();
        } catch (...) { // nothing is inside
        }
        at = std::move(next);
    }
    return all;
}

} // namespace aio::service
