#pragma once

// Gives OpenSSL what a file in PEM form holds. Each function returns false when OpenSSL refuses
// it; the first error in its queue says why. Private to net/.

#include <aio/net/pem_file.hpp>
#include <aio/net/tls_context.hpp>

#include <openssl/ssl.h>

namespace aio::net {

/// The first certificate is that of the context, the others are its chain.
bool use_chain(::SSL_CTX* context, const pem_file& file) noexcept;

enum class key_result { used, refused, encrypted };

/// The first private key. Nobody is asked for a password.
key_result use_key(::SSL_CTX* context, const pem_file& file) noexcept;

/// All certificates and revocation lists. A server tells its clients the names of the certificates.
/// With a list, only the peers are believed of whose issuer there is a valid list without them.
bool trust_all(::SSL_CTX* context, const pem_file& file, tls_end end) noexcept;

} // namespace aio::net
