#include <aio/base/system_reason.hpp>
#include <aio/net/error.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/tls_stream.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

namespace aio::net {

namespace {

int number_of(const std::error_code& why, const tls_session& with) noexcept {
    if (with.distrusts())
        return EKEYREJECTED;
    if (why == errc::handshake_timeout)
        return ETIMEDOUT;
    return why.category() == std::system_category() ? why.value() : EPROTO;
}

} // namespace

task<void> begin_tls(stream& over, std::unique_ptr<tls_session> session, base::duration limit) {
    stream_core& core = core_of(over);
    if (core.has_rest()) // somebody between has put it there, or it is no TLS
        throw base::system_failure::in_words(
            EPROTO, "the peer has sent something before the TLS handshake"
        );
    const tls_session& with = *session;
    core.secure(std::move(session));
    try {
        co_await core.shake_hands(limit);
    } catch (const std::system_error& e) {
        throw base::system_failure::in_words(number_of(e.code(), with), with.why(e.code()));
    }
}

} // namespace aio::net
