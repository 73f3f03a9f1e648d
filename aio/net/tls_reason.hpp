#pragma once

// Why OpenSSL cannot use a file, in words for the user who configured its path. Private to net/.

#include <aio/net/pem_file.hpp>

#include <string>

namespace aio::net {

/// What a file is meant to hold.
enum class pem {
    certificate,
    key,
    certificate_and_key, ///< the key is looked for
    authorities,
};

/// The reason that the thread's first error of OpenSSL stands for: "it holds no certificate in PEM
/// form". Looks into the text where the error does not tell enough. Empties the queue of errors.
std::string tls_reason(const pem_file& file, pem meant);

/// Whether the text has the beginning of a certificate or of a revocation list.
bool holds_certificate(const pem_file& file) noexcept;

/// The sentence for a key that is not that of the certificate: it names a later certificate of the
/// file that the key belongs to. Empties the queue of errors.
std::string tls_mismatch(const pem_file& key, const pem_file& certificate);

/// Whether the first error says that a key and the certificate loaded before are not a pair.
bool is_mismatch() noexcept;

} // namespace aio::net
