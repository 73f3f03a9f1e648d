#include <aio/net/error.hpp>
#include <aio/net/tls_session.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <new>
#include <utility>

namespace aio::net {

tls_session::tls_session(std::shared_ptr<const tls_context> by, const std::string& name)
    : by_(std::move(by)), ssl_(::SSL_new(by_->get())) {
    ::BIO* bio = ssl_ ? ::BIO_new(by_->method()) : nullptr;
    if (!bio) {
        ::SSL_free(ssl_);
        throw std::bad_alloc();
    }
    ::BIO_set_data(bio, this);
    ::BIO_set_init(bio, 1);
    ::SSL_set_bio(ssl_, bio, bio);
    if (by_->is_server()) {
        ::SSL_set_accept_state(ssl_);
        return;
    }
    ::SSL_set_connect_state(ssl_);
    if (!name.empty()) {
        ::SSL_set_tlsext_host_name(ssl_, name.c_str());
        ::SSL_set1_host(ssl_, name.c_str());
    }
}

tls_session::~tls_session() {
    ::SSL_free(ssl_);
}

int tls_session::bio_write(::BIO* bio, const char* data, std::size_t size, std::size_t* done) {
    ::BIO_clear_retry_flags(bio);
    const auto* self = static_cast<tls_session*>(::BIO_get_data(bio));
    const outcome sent = self->over_->send_plain(std::as_bytes(std::span<const char>(data, size)));
    *done = sent.size;
    if (sent.later)
        ::BIO_set_retry_write(bio);
    errno = sent.error.value();
    return sent.done() ? 1 : 0;
}

int tls_session::bio_read(::BIO* bio, char* into, std::size_t size, std::size_t* done) {
    ::BIO_clear_retry_flags(bio);
    const auto* self = static_cast<tls_session*>(::BIO_get_data(bio));
    const outcome got =
        self->over_->receive_plain(std::as_writable_bytes(std::span<char>(into, size)));
    *done = got.size;
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

// Whatever made OpenSSL stop, the socket's next event makes both directions try again.
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
        made.error = number ? std::error_code(number, std::system_category())
                            : make_error_code(errc::truncated);
        break;
    default: {
        failed_ = true;
        const unsigned long packed = ::ERR_peek_error();
        if (ERR_GET_REASON(packed) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            made.error = make_error_code(errc::truncated);
        else
            made.error = {static_cast<int>(packed), tls_category()};
    }
    }
    ::ERR_clear_error();
    return made;
}

outcome tls_session::handshake(connection& over) noexcept {
    over_ = &over;
    errno = 0;
    return result(over, ::SSL_do_handshake(ssl_), 1);
}

outcome tls_session::receive(connection& over, std::span<std::byte> into) noexcept {
    over_ = &over;
    errno = 0;
    std::size_t size = 0;
    const int returned = ::SSL_read_ex(ssl_, into.data(), into.size(), &size);
    outcome made = result(over, returned, size);
    if (made.later)
        over.readable_ = false;
    else
        over.readable_ = true;
    return made;
}

outcome tls_session::send(connection& over, std::span<const std::byte> data) noexcept {
    over_ = &over;
    errno = 0;
    std::size_t size = 0;
    const int returned = ::SSL_write_ex(ssl_, data.data(), data.size(), &size);
    outcome made = result(over, returned, size);
    if (made.later)
        over.writable_ = false;
    return made;
}

void tls_session::shutdown(connection& over) noexcept {
    if (failed_ || !::SSL_is_init_finished(ssl_))
        return;
    over_ = &over;
    ::SSL_shutdown(ssl_);
    ::ERR_clear_error();
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

} // namespace aio::net
