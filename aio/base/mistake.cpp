#include <aio/base/mistake.hpp>

namespace aio::base {

bool is_mistake(const std::exception_ptr& error) noexcept {
    if (!error)
        return false;
    try {
        std::rethrow_exception(error);
    } catch (const mistake&) {
        return true;
    } catch (const std::nested_exception& outer) {
        return is_mistake(outer.nested_ptr());
    } catch (...) {
        return false;
    }
}

} // namespace aio::base
