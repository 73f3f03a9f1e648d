#include <aio/client/session.hpp>

namespace aio::client {

void session::protocol_ended(std::exception_ptr why) noexcept {
    const end_handler tell_end = std::exchange(ended_, nullptr);
    if (!tell_end)
        return;
    try {
        tell_end(std::move(why));
    } catch (...) { // no memory
        all_.crash(std::current_exception());
    }
}

} // namespace aio::client
