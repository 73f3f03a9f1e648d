#include "tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <poll.h>

#include <cerrno>
#include <stdexcept>

namespace bench {

namespace {

[[noreturn]] void fail_tls(const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    throw std::runtime_error(what + ": " + (reason ? reason : "the server closed"));
}

} // namespace

tls_rules make_tls_rules() {
    tls_rules made(SSL_CTX_new(TLS_client_method()));
    if (!made || SSL_CTX_set_min_proto_version(made.get(), TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(made.get(), "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set1_groups_list(made.get(), "X25519") != 1) {
        fail_tls("TLS");
    }
    SSL_CTX_set_mode(
        made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
    );
    SSL_CTX_set_options(made.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(made.get(), &tls_client::keep_ticket);
    return made;
}

tls_client::tls_client(const tls_rules& rules, descriptor socket, SSL_SESSION* ticket)
    : socket_(std::move(socket)), tls_(SSL_new(rules.get())) {
    if (!tls_ || SSL_set_fd(tls_.get(), socket_.get()) != 1 ||
        (ticket && SSL_set_session(tls_.get(), ticket) != 1)) {
        fail_tls("TLS");
    }
    SSL_set_app_data(tls_.get(), this);
    SSL_set_connect_state(tls_.get());
}

// OpenSSL does not resume a session whose connection has not ended in good order.
tls_client::~tls_client() {
    SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

int tls_client::keep_ticket(SSL* tls, SSL_SESSION* session) {
    static_cast<tls_client*>(SSL_get_app_data(tls))->ticket_.reset(session);
    return 1;
}

bool tls_client::later(int returned, const char* what) const {
    const int error = SSL_get_error(tls_.get(), returned);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        return true;
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
        return false;
    }
    if (error == SSL_ERROR_SYSCALL && errno != 0) {
        fail(what);
    }
    fail_tls(what);
}

bool tls_client::shake_hands() {
    errno = 0;
    const int returned = SSL_do_handshake(tls_.get());
    if (returned != 1 && !later(returned, "TLS handshake")) {
        throw std::runtime_error("TLS handshake: the server closed");
    }
    return returned == 1;
}

ssize_t tls_client::receive(std::span<char> into) {
    errno = 0;
    const int got = SSL_read(tls_.get(), into.data(), static_cast<int>(into.size()));
    if (got > 0) {
        return got;
    }
    return later(got, "TLS, reading") ? -1 : 0;
}

ssize_t tls_client::send(std::span<const char> data) {
    errno = 0;
    const int sent = SSL_write(tls_.get(), data.data(), static_cast<int>(data.size()));
    if (sent > 0) {
        return sent;
    }
    return later(sent, "TLS, writing") ? -1 : 0;
}

std::vector<std::unique_ptr<tls_client>>
connect_tls(const tls_rules& rules, std::uint16_t port, std::size_t count) {
    need_descriptors(count);
    source_addresses sources;
    std::vector<std::unique_ptr<tls_client>> made;
    while (made.size() < count) {
        descriptor socket = start_connect(port, sources);
        finish_connect(socket.get());
        made.push_back(std::make_unique<tls_client>(rules, std::move(socket), nullptr));
        while (!made.back()->shake_hands()) {
            await(made.back()->fd(), POLLIN, "TLS handshake");
        }
    }
    return made;
}

std::string client_hello(const tls_rules& rules) {
    const std::unique_ptr<SSL, free_tls> tls(SSL_new(rules.get()));
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(tls.get(), in, out);
    SSL_set_connect_state(tls.get());
    SSL_do_handshake(tls.get());
    const char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    if (size <= 0) {
        fail_tls("TLS");
    }
    ERR_clear_error();
    return {data, static_cast<std::size_t>(size)};
}

} // namespace bench
