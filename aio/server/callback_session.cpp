#include <aio/net/error.hpp>
#include <aio/server/callback_session.hpp>
#include <aio/server/lane.hpp>

#include <memory>
#include <new>
#include <utility>
#include <variant>

namespace aio::server {

void callback_session::serve() noexcept {
    // Data that came with the end of the handshake or a header has no event of its own.
    if (secured() || had_header_)
        on().defer(*this);
    std::unique_ptr<net::protocol> made;
    try {
        made =
            std::get<protocol_maker>(lane_.shared().protocol_handler)(lane_.shared().shared_context
            );
        watch_time();
    } catch (...) {
        crashed(std::current_exception());
        close_now();
        return depart();
    }
    transport_core::max_buffered(lane_.shared().limits.max_buffered);
    transport_core::begin(std::move(made));
}

void callback_session::crashed(std::exception_ptr why) noexcept {
    report(std::move(why), ended_by());
}

void callback_session::too_slow(std::size_t bytes, std::size_t files) noexcept {
    lane_.shared().refused.count_only(refusal::slow);
    try {
        lane_.shared().tell_slow(lane_.home().now(), who(), bytes, files);
    } catch (const std::bad_alloc&) { // no memory for the text
    }
}

std::string callback_session::unfinished() const {
    return what_it_awaits();
}

} // namespace aio::server
