#pragma once

// The other end of a client of TLS: blocking OpenSSL that knows nothing of ours.

#include "peer.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace support {

/// Accepts one connection after another, sends "hello\n", and waits for the end.
class tls_listener {
  public:
    struct options {
        std::string certificate, key;
        std::string client_ca; ///< not empty: clients have to show a certificate of it
        int version = 0;       ///< this one at most; 0: any
        std::string alpn;      ///< the only protocol; empty: none
        std::string before;    ///< read in the clear before the handshake, up to this end
        std::string answer;    ///< to that
    };

    explicit tls_listener(options how) : how_(std::move(how)), context_(make()) {
        listening_ = aio::net::socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        at = *aio::net::address::parse("127.0.0.1", 0);
        if (::bind(listening_.get(), at.raw(), at.size()) != 0 ||
            ::listen(listening_.get(), 16) != 0)
            throw std::system_error(errno, std::system_category(), "listen");
        at = aio::net::local_address(listening_.get());
        thread_ = std::thread([this] { run(); });
    }

    ~tls_listener() {
        ::shutdown(listening_.get(), SHUT_RDWR);
        thread_.join();
        ::SSL_CTX_free(context_);
    }

    tls_listener(const tls_listener&) = delete;
    tls_listener& operator=(const tls_listener&) = delete;

    /// Of the last connection whose handshake was good; "" without SNI.
    std::string name() const {
        const std::lock_guard lock(guard_);
        return name_;
    }

    /// What came in the clear.
    std::string read_before() const {
        const std::lock_guard lock(guard_);
        return before_;
    }

    aio::net::address at;

  private:
    ::SSL_CTX* make() {
        ::SSL_CTX* made = ::SSL_CTX_new(::TLS_server_method());
        ::SSL_CTX_use_certificate_chain_file(made, how_.certificate.c_str());
        ::SSL_CTX_use_PrivateKey_file(made, how_.key.c_str(), SSL_FILETYPE_PEM);
        if (how_.version != 0) {
            ::SSL_CTX_set_security_level(made, 0);
            ::SSL_CTX_set_min_proto_version(made, TLS1_VERSION);
            ::SSL_CTX_set_max_proto_version(made, how_.version);
        }
        if (!how_.client_ca.empty()) {
            ::SSL_CTX_load_verify_file(made, how_.client_ca.c_str());
            ::SSL_CTX_set_verify(made, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        }
        if (!how_.alpn.empty())
            ::SSL_CTX_set_alpn_select_cb(made, &choose, this);
        ::SSL_CTX_set_session_id_context(made, reinterpret_cast<const unsigned char*>("t"), 1);
        return made;
    }

    static int choose(
        ::SSL*,
        const unsigned char** out,
        unsigned char* size,
        const unsigned char* offered,
        unsigned offered_size,
        void* self
    ) {
        const std::string& own = static_cast<tls_listener*>(self)->how_.alpn;
        const std::string wanted = std::string(1, static_cast<char>(own.size())) + own;
        const std::string_view all(reinterpret_cast<const char*>(offered), offered_size);
        if (all.find(wanted) == all.npos)
            return SSL_TLSEXT_ERR_NOACK;
        *out = reinterpret_cast<const unsigned char*>(own.data());
        *size = static_cast<unsigned char>(own.size());
        return SSL_TLSEXT_ERR_OK;
    }

    void run() {
        // A client may have left before it is answered.
        ::sigset_t gone;
        ::sigemptyset(&gone);
        ::sigaddset(&gone, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &gone, nullptr);
        for (;;) {
            aio::net::socket made(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!made)
                return;
            try {
                serve(peer(std::move(made)));
            } catch (const std::system_error&) { // the client has left
            }
        }
    }

    void serve(peer over) {
        std::string got;
        while (!how_.before.empty() && !got.ends_with(how_.before)) {
            const std::string more = over.receive(1);
            if (more.empty())
                return;
            got += more;
        }
        over.send(how_.answer);
        ::SSL* ssl = ::SSL_new(context_);
        ::SSL_set_fd(ssl, over.fd());
        if (::SSL_accept(ssl) == 1) {
            const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
            {
                const std::lock_guard lock(guard_);
                name_ = name ? name : "";
                before_ = got;
            }
            char rest[100];
            ::SSL_write(ssl, "hello\n", 6);
            while (::SSL_read(ssl, rest, sizeof rest) > 0) {
            }
            ::SSL_shutdown(ssl);
        }
        ::SSL_free(ssl);
        ::ERR_clear_error();
    }

    options how_;
    ::SSL_CTX* context_;
    aio::net::socket listening_;
    std::thread thread_;
    mutable std::mutex guard_;
    std::string name_, before_;
};

} // namespace support
