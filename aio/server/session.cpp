#include <aio/base/exception.hpp>
#include <aio/net/error.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/session.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <new>
#include <utility>

namespace aio::server {

protocols::stage session::owner_stage() const noexcept {
    using enum protocols::stage;
    return lane_.cancelled() ? cancelled : lane_.stopping() ? stopping : serving;
}

base::duration session::linger_time() const noexcept {
    return lane_.shared().limits.linger;
}

protocols::silence_limits session::owner_limits() const noexcept {
    const limits& all = lane_.shared().limits;
    return {all.idle_timeout, all.first_byte_timeout};
}

net::traffic& session::owner_traffic() const noexcept {
    return lane_.traffic();
}

void session::forget() noexcept {
    lane_.remove(*this);
}

std::optional<base::duration> session::write_timeout() const noexcept {
    return lane_.shared().limits.write_timeout;
}

void session::tell_silent(protocols::silence why) const noexcept {
    refusals& refused = lane_.shared().refused;
    if (why == protocols::silence::first_byte)
        return refused.note(refusal::first_byte, client(), lane_.home().now().time_since_epoch());
    refused.count_only(refusal::idle);
    debug(make_error_code(net::errc::idle));
}

void session::tell_unread() const noexcept {
    const bool stops = owner_stage() != protocols::stage::serving;
    lane_.shared().refused.note(
        stops ? refusal::unread : refusal::write, client(), lane_.home().now().time_since_epoch()
    );
}

namespace {

std::error_code code_of(const std::exception& error) noexcept {
    if (const auto* ours = dynamic_cast<const std::system_error*>(&error))
        return ours->code();
    if (const auto* asios = dynamic_cast<const boost::system::system_error*>(&error))
        return asios->code();
    return {};
}

/// An end of a connection that a network or its peer brings about, and no mistake. An error that
/// another connection may have caused counts only when this one has ended. Throws std::bad_alloc
/// when it is one.
bool is_usual(const std::exception_ptr& why, net::end_reason ended) {
    try {
        std::rethrow_exception(why);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        const std::error_code code = code_of(error);
        return code == std::errc::operation_canceled || net::is_disconnect(code) ||
               net::is_own_end(code) || code == net::errc::too_long ||
               dynamic_cast<const net::connection_timeout*>(&error) ||
               (ended != net::end_reason::none && net::is_fault_of_peer(code));
    } catch (...) {
        return false;
    }
}

} // namespace

void session::report(std::exception_ptr why, net::end_reason ended) const noexcept {
    serving& shared = lane_.shared();
    try {
        if (is_usual(why, ended))
            shared.log.debug("Server({}) {}: {}", shared.label, name(), base::message_of(why));
        else
            shared.failed(name() + " failed", why);
    } catch (const std::bad_alloc&) { // of the connection, or of the text
        shared.tell_dropped(lane_.home().now(), std::current_exception());
    }
}

void session::debug(const std::error_code& why) const noexcept {
    const serving& shared = lane_.shared();
    if (!shared.log.enabled(log::level::debug))
        return;
    try {
        shared.log.debug("Server({}) {}: {}", shared.label, name(), why.message());
    } catch (const std::bad_alloc&) { // no memory for the text
    }
}

} // namespace aio::server
