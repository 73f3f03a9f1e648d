#include <aio/net/end_reason.hpp>
#include <aio/net/error.hpp>
#include <aio/net/tls_fault.hpp>

#include <netdb.h>
#include <openssl/err.h>

#include <string>

namespace aio::net {

namespace {

struct net_errors final : std::error_category {
    const char* name() const noexcept override { return "aio.net"; }

    std::string message(int number) const override {
        switch (static_cast<errc>(number)) {
        case errc::unexpected_end:
            return "the stream ended too early";
        case errc::too_long:
            return "no delimiter within the limit";
        case errc::truncated:
            return "the TLS connection was cut off";
        case errc::handshake_timeout:
            return "the TLS handshake took too long";
        case errc::idle:
            return "silent for too long";
        case errc::stopping:
            return "the server stops";
        case errc::no_alpn:
            return "the peer has chosen no application protocol (ALPN)";
        case errc::too_slow:
            return "the peer does not read what is sent";
        case errc::short_file:
            return "the file is shorter than what is to be sent";
        case errc::expired:
            return "the deadline of the connection has passed";
        case errc::no_data:
            return "the peer sends TLS records without any data in them";
        }
        return "unknown error";
    }
};

struct tls_errors final : std::error_category {
    const char* name() const noexcept override { return "tls"; }

    std::string message(int number) const override {
        if (std::string known = alert_text({number, *this}); !known.empty())
            return known;
        const char* reason = ::ERR_reason_error_string(static_cast<unsigned int>(number));
        return reason ? reason : "TLS error " + std::to_string(number);
    }
};

struct resolver_errors final : std::error_category {
    const char* name() const noexcept override { return "resolver"; }

    std::string message(int number) const override { return ::gai_strerror(number); }
};

// Categories are compared by address, so there is one object of each. They hold no state.
template <typename T>
const std::error_category& only() noexcept {
    static const T value;
    return value;
}

} // namespace

const std::error_category& net_category() noexcept {
    return only<net_errors>();
}

const std::error_category& tls_category() noexcept {
    return only<tls_errors>();
}

const std::error_category& resolver_category() noexcept {
    return only<resolver_errors>();
}

std::string_view describe(end_reason reason) noexcept {
    switch (reason) {
    case end_reason::none:
        return "the stream is open";
    case end_reason::peer:
        return "the peer ended the stream";
    case end_reason::truncated:
        return "the TLS connection was cut off";
    case end_reason::stopping:
        return "the server stops";
    case end_reason::idle:
        return "the connection was silent for too long";
    case end_reason::failed:
        return "the connection broke";
    }
    return "unknown";
}

bool is_fault_of_peer(const std::error_code& e) noexcept {
    return e == errc::unexpected_end || e == errc::no_data || e.category() == tls_category();
}

bool is_own_end(const std::error_code& e) noexcept {
    return e == errc::idle || e == errc::stopping || e == errc::expired;
}

namespace {

const char* words_of(side which, deadlines::end why) noexcept {
    if (why == deadlines::end::deadline)
        return "the deadline of the connection has passed";
    return which == side::reading ? "nothing came from the peer in time"
                                  : "the peer took nothing in time";
}

} // namespace

connection_timeout::connection_timeout(side which_, deadlines::end why_)
    : async::timeout_error(words_of(which_, why_)), which(which_), why(why_) {}

bool is_disconnect(const std::error_code& e) noexcept {
    return e == std::errc::connection_reset || e == std::errc::broken_pipe ||
           e == std::errc::connection_aborted || e == std::errc::timed_out ||
           e == std::errc::not_connected || e == std::errc::host_unreachable ||
           e == std::errc::network_unreachable || e == std::errc::network_down ||
           e == std::errc::network_reset || e == errc::truncated;
}

} // namespace aio::net
