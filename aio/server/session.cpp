#include <aio/base/exception.hpp>
#include <aio/net/error.hpp>
#include <aio/server/lane.hpp>
#include <aio/server/session.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

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

/// An end of a connection that a network brings about, and no mistake. Any client can make TLS fail
/// once it has shaken hands, by an alert or by bytes that are no record.
bool is_usual(const std::exception& error) noexcept {
    const std::error_code code = code_of(error);
    return code == std::errc::operation_canceled || net::is_disconnect(code) ||
           code.category() == net::tls_category() || net::is_own_end(code) ||
           code == net::errc::too_long || dynamic_cast<const net::connection_timeout*>(&error);
}

} // namespace

void session::report(std::exception_ptr why) const noexcept {
    serving& shared = lane_.shared();
    try {
        std::rethrow_exception(why);
    } catch (const std::exception& e) {
        if (is_usual(e))
            shared.log.debug("Server({}) {}: {}", shared.label, name(), base::message_of(why));
        else
            shared.failed(name() + " failed", why);
    } catch (...) {
        shared.failed(name() + " failed", why);
    }
}

void session::debug(const std::error_code& why) const noexcept {
    const serving& shared = lane_.shared();
    shared.log.debug("Server({}) {}: {}", shared.label, name(), why.message());
}

} // namespace aio::server
