#pragma once

// Which versions, cipher suites and groups of TLS a server takes. The names are those of OpenSSL;
// only single ones, none of its expressions.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;

namespace aio::net {

/// The recommendations of Mozilla's "Server Side TLS".
enum class tls_policy : std::uint8_t {
    intermediate, ///< 1.2 with forward secrecy and authenticated encryption, and 1.3
    modern,       ///< 1.3 only
};

/// A name in a text that is none, or stands for what is not secure.
struct tls_name_mistake {
    std::size_t offset = 0; ///< in the text
    std::string text;
    std::string hint; ///< empty: none
};

/// Cipher suites by their versions, each in OpenSSL's form of a list; empty: none was named.
struct cipher_names {
    std::string before_1_3;
    std::string since_1_3;
};

/// Reads names between blanks, commas, colons and lines. Mistakes are added, and the other names
/// count.
AIO_API cipher_names read_ciphers(std::string_view text, std::vector<tls_name_mistake>& mistakes);
/// The same for the groups of the key exchange ("curves"), in OpenSSL's form of a list.
AIO_API std::string read_groups(std::string_view text, std::vector<tls_name_mistake>& mistakes);

/// Sets what `policy` says, or in its place the lists that are not empty. The client's preference
/// decides. False: OpenSSL refuses it, and its queue of errors says why.
bool apply_policy(
    ::ssl_ctx_st* target, tls_policy policy, const cipher_names& ciphers, const std::string& groups
) noexcept;

} // namespace aio::net
