#include <aio/base/text.hpp>
#include <aio/net/tls_policy.hpp>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace aio::net {

namespace {

constexpr const char* intermediate_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* usual_groups = "X25519:P-256:P-384";
constexpr std::string_view separators = " \t\r\n,:";

using scratch = std::unique_ptr<::SSL_CTX, decltype(&::SSL_CTX_free)>;

scratch make_scratch() {
    scratch made(::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free);
    if (!made)
        throw std::bad_alloc();
    return made;
}

struct known_cipher {
    std::string name;
    bool since_1_3;
};

// Without encryption or without a certificate there is no TLS as a user expects it.
std::vector<known_cipher> known_ciphers() {
    const scratch from = make_scratch();
    ::SSL_CTX_set_security_level(from.get(), 0);
    ::SSL_CTX_set_cipher_list(from.get(), "ALL:!aNULL:!eNULL:!PSK:!SRP");
    std::vector<known_cipher> all;
    const auto* found = ::SSL_CTX_get_ciphers(from.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(found); ++i) {
        const ::SSL_CIPHER* each = sk_SSL_CIPHER_value(found, i);
        const std::string_view version = ::SSL_CIPHER_get_version(each);
        all.push_back({::SSL_CIPHER_get_name(each), version == "TLSv1.3"});
    }
    return all;
}

template <typename Take>
void each_name(std::string_view text, Take take) {
    std::size_t begin = 0;
    while ((begin = text.find_first_not_of(separators, begin)) != text.npos) {
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        take(begin, std::string(text.substr(begin, end - begin)));
        begin = end;
    }
}

void append(std::string& list, const std::string& name) {
    list += (list.empty() ? "" : ":") + name;
}

tls_name_mistake
unknown(std::size_t offset, const std::string& name, const std::vector<std::string>& names) {
    return {
        offset, fmt::format("'{}' is not known to OpenSSL", name), base::did_you_mean(name, names)
    };
}

bool is_plain(std::string_view name) {
    return std::ranges::all_of(name, [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_';
    });
}

} // namespace

cipher_names read_ciphers(std::string_view text, std::vector<tls_name_mistake>& mistakes) {
    const std::vector<known_cipher> known = known_ciphers();
    std::vector<std::string> names;
    for (const known_cipher& each : known)
        names.push_back(each.name);
    cipher_names made;
    each_name(text, [&](std::size_t offset, const std::string& name) {
        const auto found = std::ranges::find(known, name, &known_cipher::name);
        if (found == known.end())
            mistakes.push_back(unknown(offset, name, names));
        else if (name.starts_with("DHE-"))
            mistakes.push_back(
                {offset,
                 fmt::format("'{}' needs Diffie-Hellman parameters, which aio has not", name),
                 "its ECDHE- sibling needs none"}
            );
        else
            append(found->since_1_3 ? made.since_1_3 : made.before_1_3, name);
    });
    return made;
}

std::string read_groups(std::string_view text, std::vector<tls_name_mistake>& mistakes) {
    const scratch judge = make_scratch();
    std::string made;
    each_name(text, [&](std::size_t offset, const std::string& name) {
        if (is_plain(name) && SSL_CTX_set1_groups_list(judge.get(), name.c_str()) == 1)
            return append(made, name);
        mistakes.push_back(unknown(offset, name, {"X25519", "X448", "P-256", "P-384", "P-521"}));
    });
    ::ERR_clear_error();
    return made;
}

bool apply_policy(
    ::SSL_CTX* target, tls_policy policy, const cipher_names& ciphers, const std::string& groups
) noexcept {
    const char* older =
        ciphers.before_1_3.empty() ? intermediate_ciphers : ciphers.before_1_3.c_str();
    const char* groups_list = groups.empty() ? usual_groups : groups.c_str();
    if (policy == tls_policy::modern &&
        ::SSL_CTX_set_min_proto_version(target, TLS1_3_VERSION) != 1)
        return false;
    if (!ciphers.since_1_3.empty() &&
        ::SSL_CTX_set_ciphersuites(target, ciphers.since_1_3.c_str()) != 1)
        return false;
    return ::SSL_CTX_set_cipher_list(target, older) == 1 &&
           SSL_CTX_set1_groups_list(target, groups_list) == 1;
}

} // namespace aio::net
