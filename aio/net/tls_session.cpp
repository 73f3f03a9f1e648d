#include <aio/base/mistake.hpp>
#include <aio/base/visible.hpp>
#include <aio/net/address.hpp>
#include <aio/net/error.hpp>
#include <aio/net/tls_fault.hpp>
#include <aio/net/tls_resumption.hpp>
#include <aio/net/tls_server.hpp>
#include <aio/net/tls_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t largest_record = 16384;

/// SSL_get_error() takes any error in the queue of the thread for one of the call before it. Other
/// code on the thread may have left some there.
void forget_errors() noexcept {
    if (::ERR_peek_error() != 0)
        ::ERR_clear_error();
    errno = 0;
}

std::string plain_name(std::string name) {
    if (name.find(':') != name.npos)
        return name.substr(0, name.find('%'));
    if (name.ends_with('.'))
        name.pop_back();
    return name;
}

} // namespace

tls_session::tls_session(
    std::shared_ptr<const tls_context> rules, const std::string& name, std::string server
)
    : by_(std::move(rules)), ssl_(::SSL_new(by_->get())), server_(std::move(server)) {
    ::BIO* bio = ssl_ ? ::BIO_new(by_->method()) : nullptr;
    if (!bio) {
        ::SSL_free(ssl_);
        throw std::bad_alloc();
    }
    ::BIO_set_data(bio, this);
    ::BIO_set_init(bio, 1);
    ::SSL_set_bio(ssl_, bio, bio);
    SSL_set_app_data(ssl_, this);
    if (by_->is_server()) {
        ::SSL_set_accept_state(ssl_);
        return;
    }
    ::SSL_set_connect_state(ssl_);
    try {
        expect(name);
        resume_earlier();
    } catch (...) {
        ::SSL_free(ssl_);
        throw;
    }
}

// Without a name, a certificate for any other host would do. A subject does not count: names are in
// subjectAltName (RFC 6125).
void tls_session::expect(const std::string& name) {
    name_ = plain_name(name);
    bool good = !name_.empty() && name_.find('\0') == name_.npos;
    if (address::parse(name_, 0))
        good = ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl_), name_.c_str()) == 1;
    else
        good = good && ::SSL_set_tlsext_host_name(ssl_, name_.c_str()) == 1 &&
               ::SSL_set1_host(ssl_, name_.c_str()) == 1;
    ::SSL_set_hostflags(
        ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
    );
    ::ERR_clear_error();
    if (!good)
        throw base::mistake(
            name.empty() ? "a TLS client needs the name of its server"
                         : "no TLS certificate can be for '" +
                               base::visible(name, base::layout::one_line) + "'"
        );
}

void tls_session::resume_earlier() {
    if (server_.empty())
        return;
    if (const session_ticket earlier = by_->resumption()->take(server_))
        (void)::SSL_set_session(ssl_, earlier.get());
}

// TLS 1.2 gives no new session when it has resumed one, which may be used again.
void tls_session::keep_resumed() noexcept {
    if (server_.empty() || !resumed() || ::SSL_version(ssl_) >= TLS1_3_VERSION)
        return;
    if (::SSL_SESSION* session = ::SSL_get1_session(ssl_); on_new_session(ssl_, session) == 0)
        ::SSL_SESSION_free(session);
}

// OpenSSL owns the session unless 1 is returned.
int tls_session::on_new_session(::SSL* ssl, ::SSL_SESSION* session) noexcept {
    const auto* self = static_cast<const tls_session*>(SSL_get_app_data(ssl));
    if (self->server_.empty())
        return 0;
    session_ticket kept(session);
    try {
        self->by_->resumption()->keep(self->server_, std::move(kept));
    } catch (const std::bad_alloc&) { // the next handshake is a whole one
    }
    return 1;
}

// The certificate itself is the last one of its chain that is looked at.
bool tls_session::is_stranger(::X509_STORE_CTX* verification) const {
    if (!by_->is_server() || by_->serves().client_names.empty() ||
        ::X509_STORE_CTX_get_error_depth(verification) != 0)
        return false;
    return !by_->serves().admits(::X509_STORE_CTX_get_current_cert(verification));
}

int tls_session::on_verify(int good, ::X509_STORE_CTX* verification) noexcept {
    const auto* ssl = static_cast<const ::SSL*>(
        ::X509_STORE_CTX_get_ex_data(verification, ::SSL_get_ex_data_X509_STORE_CTX_idx())
    );
    auto& self = *static_cast<tls_session*>(SSL_get_app_data(ssl));
    try {
        if (good && !self.is_stranger(verification))
            return 1;
        if (good)
            ::X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION);
        const auto whose = self.by_->is_server() ? certificate_of::client : certificate_of::server;
        if (self.fault_.empty())
            self.fault_ = certificate_fault(verification, whose, self.name_);
    } catch (const std::exception&) { // the error code has to do
    }
    return 0;
}

tls_session::~tls_session() {
    ::SSL_free(ssl_);
}

int tls_session::bio_write(::BIO* bio, const char* data, std::size_t size, std::size_t* done) {
    ::BIO_clear_retry_flags(bio);
    const auto* self = static_cast<tls_session*>(::BIO_get_data(bio));
    const outcome sent = self->over_->send_raw(std::as_bytes(std::span<const char>(data, size)));
    *done = sent.size;
    if (sent.later)
        ::BIO_set_retry_write(bio);
    errno = sent.error.value();
    return sent.done() ? 1 : -1; // newer OpenSSL takes 0 for a success
}

// OpenSSL goes on reading until there is data, so a flood of records without any is seen here.
int tls_session::bio_read(::BIO* bio, char* into, std::size_t size, std::size_t* done) {
    ::BIO_clear_retry_flags(bio);
    auto* self = static_cast<tls_session*>(::BIO_get_data(bio));
    *done = 0;
    if (self->is_flooded()) {
        errno = ECONNABORTED;
        return 0;
    }
    const outcome got =
        self->over_->receive_raw(std::as_writable_bytes(std::span<char>(into, size)));
    *done = got.size;
    self->idle_bytes_ += static_cast<std::uint32_t>(got.size);
    if (got.later)
        ::BIO_set_retry_read(bio);
    errno = got.error.value();
    if (got.end)
        ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return got.done() ? 1 : 0;
}

long tls_session::bio_control(::BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH)
        return 1;
    if (command == BIO_CTRL_EOF)
        return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return 0;
}

// The next event of the socket lets both directions try again, whichever OpenSSL waits for.
outcome tls_session::result(connection& over, int returned, std::size_t size) noexcept {
    outcome made;
    if (returned == 1) {
        made.size = size;
        return made;
    }
    const int number = errno;
    switch (::SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_WANT_READ:
        over.readable_ = false;
        made.later = true;
        break;
    case SSL_ERROR_WANT_WRITE:
        made.later = true;
        break;
    case SSL_ERROR_ZERO_RETURN:
        made.end = true;
        break;
    case SSL_ERROR_SYSCALL:
        failed_ = true;
        if (is_flooded())
            made.error = make_error_code(errc::no_data);
        else
            made.error = number ? std::error_code(number, std::system_category())
                                : make_error_code(errc::truncated);
        break;
    default: {
        failed_ = true;
        const unsigned long packed = ::ERR_peek_error();
        if (ERR_GET_REASON(packed) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            made.error = make_error_code(errc::truncated);
        else
            made.error = packed ? std::error_code(static_cast<int>(packed), tls_category())
                                : std::make_error_code(std::errc::protocol_error);
    }
    }
    ::ERR_clear_error();
    return made;
}

outcome tls_session::handshake(connection& over) noexcept {
    over_ = &over;
    forget_errors();
    outcome made = result(over, ::SSL_do_handshake(ssl_), 1);
    if (std::exchange(made.end, false))
        made.error = make_error_code(errc::truncated);
    if (made.done())
        keep_resumed();
    if (made.done() && by_->requires_alpn() && alpn().empty()) {
        failed_ = true;
        made = {};
        made.error = make_error_code(errc::no_alpn);
    }
    return made;
}

outcome tls_session::receive(connection& over, std::span<std::byte> into) noexcept {
    if (refusal_) {
        outcome refused;
        refused.error = refusal_;
        return refused;
    }
    over_ = &over;
    forget_errors();
    std::size_t size = 0;
    const int returned = ::SSL_read_ex(ssl_, into.data(), into.size(), &size);
    outcome made = result(over, returned, size);
    if (made.size > 0)
        idle_bytes_ = 0;
    if (made.later)
        over.readable_ = false;
    else
        over.readable_ = true;
    return made;
}

outcome tls_session::send(connection& over, std::span<const std::byte> data) noexcept {
    if (failed_) {
        outcome broken;
        broken.error = {EPIPE, std::system_category()};
        return broken;
    }
    if (!abandoned_.empty())
        if (const outcome left = send_abandoned(over); !left.done())
            return left;
    return send_record(over, data.first(std::min(data.size(), largest_record)));
}

// OpenSSL keeps a record that it could not send, and takes it for the beginning of the next send,
// which therefore has to begin with the same data.
outcome tls_session::send_record(connection& over, std::span<const std::byte> data) noexcept {
    over_ = &over;
    forget_errors();
    std::size_t size = 0;
    const int returned = ::SSL_write_ex(ssl_, data.data(), data.size(), &size);
    const int number = errno;
    outcome made = result(over, returned, size);
    // After the peer's close_notify OpenSSL reports a failed send as the end of the stream.
    if (std::exchange(made.end, false)) {
        failed_ = true;
        made.error = {number ? number : EPIPE, std::system_category()};
    }
    if (made.error && made.error.category() == std::system_category())
        if (const std::error_code why = refusal_behind(over))
            made.error = why;
    if (made.later)
        over.writable_ = false;
    begun_ = static_cast<std::uint16_t>(made.later ? data.size() : 0);
    return made;
}

std::error_code tls_session::refusal_behind(connection& over) noexcept {
    forget_errors();
    std::byte first{};
    std::size_t size = 0;
    const outcome left = result(over, ::SSL_peek_ex(ssl_, &first, sizeof first, &size), size);
    if (is_alert_of_peer(left.error))
        refusal_ = left.error;
    return refusal_;
}

void tls_session::abandon(std::span<const std::byte> rest) noexcept {
    if (begun_ == 0 || !abandoned_.empty() || failed_)
        return;
    if (rest.size() < begun_) {
        failed_ = true;
        return;
    }
    const auto begun = rest.first(begun_);
    try {
        abandoned_.assign(begun.begin(), begun.end());
    } catch (const std::bad_alloc&) {
        failed_ = true; // nothing can follow half a record
    }
}

outcome tls_session::send_abandoned(connection& over) noexcept {
    for (;;) {
        const outcome sent = send_record(over, abandoned_);
        if (!sent.done())
            return sent;
        abandoned_.erase(
            abandoned_.begin(), abandoned_.begin() + static_cast<std::ptrdiff_t>(sent.size)
        );
        if (abandoned_.empty())
            return sent;
    }
}

bool tls_session::shutdown(connection& over) noexcept {
    if (said_end() || !::SSL_is_init_finished(ssl_))
        return true;
    if (!abandoned_.empty())
        if (const outcome left = send_abandoned(over); !left.done())
            return !left.later;
    over_ = &over;
    forget_errors();
    const int returned = ::SSL_shutdown(ssl_);
    const bool later = returned < 0 && ::SSL_get_error(ssl_, returned) == SSL_ERROR_WANT_WRITE;
    ::ERR_clear_error();
    said_end_ = !later;
    return said_end_;
}

std::string_view tls_session::version() const noexcept {
    return ::SSL_is_init_finished(ssl_) ? ::SSL_get_version(ssl_) : "";
}

std::string tls_session::peer() const {
    ::X509* found = ::SSL_get1_peer_certificate(ssl_);
    if (!found)
        return {};
    std::string text;
    if (char* line = ::X509_NAME_oneline(::X509_get_subject_name(found), nullptr, 0)) {
        text = line;
        ::OPENSSL_free(line);
    }
    ::X509_free(found);
    return text;
}

certificate tls_session::peer_certificate() const {
    const std::unique_ptr<::X509, decltype(&::X509_free)> found(
        ::SSL_get1_peer_certificate(ssl_), &::X509_free
    );
    return read_certificate(found.get());
}

std::string_view tls_session::alpn() const noexcept {
    const unsigned char* text = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(ssl_, &text, &size);
    return {reinterpret_cast<const char*>(text), size};
}

bool tls_session::resumed() const noexcept {
    return ::SSL_session_reused(ssl_) == 1;
}

std::string tls_session::why(const std::error_code& code) const {
    if (!fault_.empty())
        return fault_;
    const std::string known = handshake_fault(code);
    return known.empty() ? code.message() : known;
}

} // namespace aio::net
