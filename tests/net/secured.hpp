#pragma once

// The server's side of TLS under test: certificates in a folder, and streams with TLS on them.

#include "certificates.hpp"
#include "fixture.hpp"

#include <aio/net/socket.hpp>
#include <aio/net/stream.hpp>
#include <aio/net/stream_core.hpp>
#include <aio/net/tls_context.hpp>
#include <aio/net/tls_session.hpp>
#include <aio/testing/temporary_folder.hpp>

#include <memory>

namespace support {

struct secured : loop_under_test {
    secured() { write_certificates(folder); }

    aio::net::tls_options server() const {
        aio::net::tls_options made;
        made.certificate = folder / "server.pem";
        made.key = folder / "server.key";
        return made;
    }

    std::unique_ptr<aio::net::tls_session> session() const { return session(server()); }

    static std::unique_ptr<aio::net::tls_session> session(const aio::net::tls_options& options) {
        return std::make_unique<aio::net::tls_session>(aio::net::tls_context::server(options));
    }

    /// A stream over the socket, which begins with the handshake. `core` is that of the last one.
    aio::net::stream
    accept_on(aio::net::socket socket, std::unique_ptr<aio::net::tls_session> session) {
        core = new aio::net::stream_core(aio::net::poller::of(loop), socket.release(), {});
        core->secure(std::move(session));
        aio::net::stream made(core);
        core->start();
        return made;
    }

    aio::testing::temporary_folder folder;
    aio::net::stream_core* core = nullptr;
};

} // namespace support
